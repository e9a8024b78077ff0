"""What the visibility check says becomes a gap in every dataset that belongs to teams, so that nothing passes by a key that hides some."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, Heard, State, judge
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Lack, Name
from syncd.evidence.facts.sight import BY_TEAM, hidden, hidden_as_found, without_what_is_hidden
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.judging import Result
from tests.evidence.account import GOOD, found


@dataclass(frozen=True, slots=True)
class Kept:
    state: State
    code: str


@pytest.mark.parametrize("heard", Heard)
def test_both_ways_of_asking_say_the_same_of_what_is_kept(heard: Heard) -> None:
    answer = Answer(heard, "It was said so.")
    verdict = judge(Subject.SIGHT, answer, is_needed=True, has_worked=False)
    asked = hidden({Subject.SIGHT: answer})
    kept = hidden_as_found({Subject.SIGHT: Kept(verdict.state, verdict.code)})
    assert (asked is None) is (kept is None) is (heard in {Heard.ANSWERED, Heard.NARROW})


def test_a_key_that_nobody_has_asked_may_hide_something() -> None:
    for lack in (hidden({}), hidden_as_found({})):
        assert lack is not None
        assert lack.why is Lack.NOT_YET


def test_nothing_passes_that_a_key_may_hide() -> None:
    blind = without_what_is_hidden(GOOD, hidden({Subject.SIGHT: Answer(Heard.PARTIAL)}))
    assert {name for name in Name if not blind.of(name).is_whole} == BY_TEAM
    for check in CATALOGUE:
        assert found(check.id, blind).result in {Result.UNKNOWN, Result.FAIL, Result.NOT_APPLICABLE}, check.id
        assert found(check.id, blind).wrong == found(check.id).wrong, "what is seen to be wrong stays wrong"
    said = found("SVC-03", blind)
    assert "sees only the teams of its user" in said.sentence


def test_a_key_that_sees_all_changes_nothing_and_what_is_said_is_said_once() -> None:
    assert without_what_is_hidden(GOOD, None) is GOOD
    lack = hidden({Subject.SIGHT: Answer(Heard.PARTIAL)})
    once = without_what_is_hidden(Facts(), lack)
    assert without_what_is_hidden(once, lack) == once
