"""What the visibility check said becomes a gap in every dataset that belongs to teams, so that nothing passes by a key that hides some."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.diagnostics import Subject
from syncd.core.judging import Answer, Heard, State, judge
from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.facts.sight import BY_TEAM, hidden, hidden_as_seen
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.judging import Result
from syncd.evidence.freshness import State as Fresh
from syncd.evidence.freshness import state_of
from tests.evidence.account import COLLECTED, GOOD, NOW, found


def blind(lack: Missing) -> Facts:
    fields = {FIELDS[name]: replace(GOOD.of(name), missing=(lack,)) for name in BY_TEAM}
    return replace(GOOD, **fields)  # type: ignore[arg-type]  # each is of its own field


@pytest.mark.parametrize("heard", Heard)
def test_nothing_is_hidden_where_the_check_is_in_order_or_a_scope_is_lacking(heard: Heard) -> None:
    verdict = judge(Subject.SIGHT, Answer(heard, "It was said so."), is_needed=True, has_worked=False)
    is_told = verdict.state is State.OK or verdict.code == "SYN-PAG-READS"
    assert (hidden(heard) is None) is is_told is (heard in {Heard.ANSWERED, Heard.NARROW})


def test_the_least_of_what_was_seen_before_and_after_counts() -> None:
    whole, part, refused = ({"heard": one, "said": ""} for one in (Heard.ANSWERED, Heard.PARTIAL, Heard.FORBIDDEN))
    assert hidden_as_seen([whole, whole]) is None
    for sights, why in (([whole, part], Lack.HIDDEN), ([refused, part], Lack.HIDDEN), ([refused, whole], Lack.UNTOLD)):
        lack = hidden_as_seen(sights)
        assert lack is not None
        assert lack.why is why
    assert hidden_as_seen([]) == Missing(Lack.UNTOLD, needs="nobody has asked")


@pytest.mark.parametrize("heard", [Heard.PARTIAL, Heard.FORBIDDEN])
def test_nothing_passes_that_a_key_may_hide(heard: Heard) -> None:
    lack = hidden(heard)
    assert lack is not None
    of = blind(lack)
    assert {name for name in Name if not of.of(name).is_whole} == BY_TEAM
    for check in CATALOGUE:
        assert found(check.id, of).result in {Result.UNKNOWN, Result.FAIL, Result.NOT_APPLICABLE}, check.id
        assert found(check.id, of).wrong == found(check.id).wrong, "what is seen to be wrong stays wrong"
    said = "sees only the teams of its user" if heard is Heard.PARTIAL else "not known whether the key sees every team"
    assert said in found("SVC-03", of).sentence
    # It was collected, and it is said how freshly; only a dataset that was not given is refused.
    assert state_of(COLLECTED, NOW - COLLECTED, NOW, (lack,)) is Fresh.ON_TIME
    assert state_of(COLLECTED, NOW - COLLECTED, NOW, (Missing(Lack.PERMISSION),)) is Fresh.REFUSED
