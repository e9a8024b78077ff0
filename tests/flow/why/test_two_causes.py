"""Two causes at once: the first gate is named, its command mends it when it is pasted, and then the other is named."""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

import pytest

from syncd.console.pages.remedies import button
from syncd.core.why.verdict import Act, Verdict
from tests.flow.why.breakages import APART, BREAKAGES, Breakage, Lies
from tests.flow.why.pasting import Shell
from tests.flow.why.whole import Whole


def first_of(broken: Collection[Breakage]) -> tuple[int, int]:
    """Of a change that is on its way the first gate is told; else of how things stand, either way."""
    return min(_place(one, broken) for one in broken)


def _place(one: Breakage, broken: Collection[Breakage]) -> tuple[int, int]:
    if one.lies is Lies.ANYWHERE and any(other.lies is Lies.IN_A_CHANGE for other in broken):
        return Lies.IN_A_CHANGE, one.gate
    return (Lies.ANYWHERE if one.lies is Lies.ELSEWHERE else one.lies), one.gate


def named(verdict: Verdict, broken: Collection[Breakage]) -> Breakage:
    found = [one for one in broken if one.says in verdict.sentence]
    assert len(found) == 1, verdict.sentence
    (one,) = found
    assert (verdict.gate, verdict.stops, verdict.code, verdict.who) == (one.gate, True, one.code, one.who), verdict
    return one


#: What a button does -> the command that does the same, and a word of the sentence that tells why.
AGREE = {
    Act.RECONNECT: ("syncd integrations rotate {}", "disconnected"),
    Act.RESUME_ACCOUNT: ("syncd integrations resume {}", "paused"),
    Act.WRITE_AGAIN: ("syncd integrations observe {} --off", "observed"),
    Act.SWITCH_TWO_WAY: ("syncd integrations two-way {} on", "sync"),
    Act.MEND_WEBHOOK: ("syncd integrations webhook {}", "Hooks"),
    Act.RESUME_LINK: ("syncd links resume {}", "paused"),
    Act.REPLAY: ("syncd deliveries replay {} --yes", "refused"),
}


def _agrees(verdict: Verdict) -> None:
    """Sentence, command and button are about the same cause."""
    if verdict.act in AGREE:
        command, word = AGREE[verdict.act]
        assert verdict.command.startswith(command.format(verdict.target)), verdict
        assert word in verdict.sentence, verdict
        assert verdict.target in f"{button(verdict)}"


def mend(whole: Whole, shell: Shell, broken: Collection[Breakage]) -> Breakage:
    """As a person does who asks and reads the answer; what it was about."""
    verdict = whole.ask("CS-1").verdict
    _agrees(verdict)
    one = named(verdict, broken)
    assert _place(one, broken) == first_of(broken), verdict.sentence
    commands = {other.command.format(delivery=verdict.target): other for other in (*broken, one)}
    helped = commands[verdict.command]  # A key may have to wait until its account goes on.
    helped.outside(whole)
    if verdict.command:
        assert shell.paste(helped.typed(verdict.command), secret=helped.secret) == 0, verdict.command
    whole.wait(helped.passes)
    return helped


def mend_all(whole: Whole, shell: Shell, broken: Collection[Breakage]) -> None:
    left = list(broken)
    while left:
        left.remove(mend(whole, shell, left))
    after = whole.ask("CS-1", compare=True).verdict
    assert not after.stops, after.sentence


PAIRS = [pair for pair in combinations(BREAKAGES, 2) if set(pair) not in APART]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_of_two_causes_the_first_is_named_and_then_the_other(
    whole: Whole, shell: Shell, first: str, second: str
) -> None:
    """What is found only by trying comes up before what keeps from trying."""
    broken = sorted((BREAKAGES[first], BREAKAGES[second]), key=lambda one: -one.gate)
    for one in broken:
        one.happens(whole)
    mend_all(whole, shell, broken)
