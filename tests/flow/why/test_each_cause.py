"""Each way to break a system has its answer, and what the answer tells to do mends it: every command of it, in its order."""

from __future__ import annotations

import re

import pytest

from syncd.core.why.verdict import Verdict
from tests.flow.why.breakages import BREAKAGES, Breakage
from tests.flow.why.breakdowns import BREAKDOWNS
from tests.flow.why.pasting import Shell
from tests.flow.why.whole import Whole

ALL = {**BREAKAGES, **BREAKDOWNS}


@pytest.mark.parametrize("name", ALL)
def test_a_cause_is_named_and_its_commands_mend_it(whole: Whole, shell: Shell, name: str) -> None:
    one = ALL[name]
    one.happens(whole)
    verdict = whole.ask(one.about).verdict
    assert one.says in verdict.sentence, verdict.sentence
    expected = (one.gate, True, one.code, one.who, one.command.format(delivery=verdict.target))
    assert (verdict.gate, verdict.stops, verdict.code, verdict.who, verdict.command) == expected, verdict
    if one.goes_on or one.stays:
        assert shell.paste(f"{verdict.command} --help") == 0
    if one.stays:
        return
    one.outside(whole)
    for command in _commands(one, verdict):
        assert shell.paste(command + one.besides, secret=one.secret) == 0, command
    whole.wait(one.passes)
    one.afterwards(whole)
    after = whole.ask(one.about, compare=True).verdict
    assert not after.stops, after.sentence


def _commands(one: Breakage, verdict: Verdict) -> list[str]:
    """The first that is named, and what has to be done once it has helped."""
    if one.goes_on or not verdict.command:
        return []
    _, _, afterwards = verdict.remedy.partition("Once that is mended: ")
    later = re.findall("`(syncd [^`]+)`", afterwards)
    named = [verdict.command, *(command for command in later if command != verdict.command)]
    return [one.typed(command) for command in named]
