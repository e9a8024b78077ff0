"""A replay, or the end of observing, decides from what both sides say today; what went further meanwhile is not taken back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.again import again
from syncd.core.changes import Actor, Field, Side, Verb
from syncd.core.decision import Decision
from syncd.core.link import Link, Wish
from syncd.core.policy import CaseReopened, Policy, Winner
from syncd.core.reasons import Outcome, Reason

from .links import ACK, CASE, CLOSED, INCIDENT, OPEN, RESOLVED, RULES, US, errand, link, ruled, texts, wants

BEN = Actor("Ben")


def _again(state: Link, side: Side, change: Verb, policy: CaseReopened = CaseReopened.REOPEN) -> Decision:
    return again(state, replace(errand(side), change=change), BEN, ruled(Policy(case_reopened=policy)))


@pytest.mark.parametrize("policy", list(CaseReopened))
@pytest.mark.parametrize("side", list(Side))
def test_an_acknowledge_is_not_replayed_as_a_reopening_of_what_was_resolved_meanwhile(
    side: Side, policy: CaseReopened
) -> None:
    """The resolve that went the other way has died as well, so that the two sides still differ."""
    state = link(case=ACK, incident=RESOLVED) if side is INCIDENT else link(case=RESOLVED, incident=ACK)
    decision = _again(state, side, Verb.ACKNOWLEDGE, policy)
    assert (decision.drafts, decision.outcome, decision.reason) == ((), Outcome.SUPPRESSED, Reason.NOT_NEEDED)
    assert decision.link == state


def test_what_the_other_side_is_wanted_to_say_and_says_already_is_sent_all_the_same() -> None:
    """A write of ours had undone what a person chose, and putting that back was only observed."""
    state = link(priority="P1", there="B").want(CASE, Field.PRIORITY, Wish("P1", "P1", BEN))
    assert wants(again(state, errand(INCIDENT, Field.PRIORITY), BEN, RULES), INCIDENT, Field.PRIORITY) == "A"


def test_a_resolve_is_not_replayed_as_a_reopening_either() -> None:
    assert _again(link(case=OPEN, incident=RESOLVED), INCIDENT, Verb.RESOLVE).drafts == ()


def test_an_acknowledge_is_not_replayed_as_an_unacknowledge() -> None:
    assert _again(link(case=ACK, incident=OPEN), CASE, Verb.ACKNOWLEDGE).drafts == ()


def test_an_unacknowledge_is_not_replayed_as_a_reopening() -> None:
    assert _again(link(case=RESOLVED, incident=OPEN), CASE, Verb.UNACKNOWLEDGE).drafts == ()


def test_a_closed_case_is_told_of_an_acknowledge_and_of_no_reopening() -> None:
    assert texts(_again(link(case=CLOSED, incident=ACK), CASE, Verb.ACKNOWLEDGE), CASE) == [
        "Ben (PagerDuty) acknowledged the incident. The case is closed, so its status stays."
    ]
    assert _again(link(case=CLOSED, incident=OPEN), CASE, Verb.ACKNOWLEDGE).drafts == ()


def test_what_stands_further_on_is_sent_by_the_replay_of_an_earlier_step() -> None:
    assert wants(_again(link(case=RESOLVED, incident=OPEN), INCIDENT, Verb.ACKNOWLEDGE), INCIDENT) == RESOLVED


@pytest.mark.parametrize(("side", "change"), [(CASE, Verb.REOPEN), (INCIDENT, Verb.REOPEN), (CASE, Verb.UNACKNOWLEDGE)])
def test_what_a_person_took_back_is_taken_back_by_its_replay(side: Side, change: Verb) -> None:
    before = ACK if change is Verb.UNACKNOWLEDGE else RESOLVED
    state = link(case=before, incident=OPEN) if side is CASE else link(case=OPEN, incident=before)
    assert wants(_again(state, side, change), side) == OPEN


@pytest.mark.parametrize("side", list(Side))
def test_a_reopening_is_not_replayed_over_the_resolve_that_came_after_it(side: Side) -> None:
    state = link(case=RESOLVED, incident=OPEN) if side is CASE else link(case=OPEN, incident=RESOLVED)
    rules = ruled(Policy(case_reopened=CaseReopened.REOPEN))
    asked = replace(errand(side), change=Verb.REOPEN)
    assert again(state, asked, BEN, rules).drafts
    assert not again(state, asked, BEN, rules, is_answered=True).drafts


def test_a_resolve_is_replayed_though_its_case_was_closed_since_and_never_after_it_was_answered() -> None:
    asked, state = errand(INCIDENT, value=RESOLVED), link(case=CLOSED, incident=ACK)
    assert wants(again(state, asked, BEN, RULES), INCIDENT) == RESOLVED
    assert (INCIDENT, Field.STATUS) not in again(state, asked, BEN, RULES, is_answered=True).link.wanted


def test_the_closing_of_a_case_that_nobody_resolved_resolves_no_incident() -> None:
    decision = _again(link(case=CLOSED, incident=OPEN), INCIDENT, Verb.ACKNOWLEDGE)
    assert (INCIDENT, Field.STATUS) not in decision.link.wanted


def test_the_closing_of_a_case_is_told_by_its_own_errand_and_by_no_replay() -> None:
    state = link(case=CLOSED, incident=OPEN)
    for change in (Verb.ACKNOWLEDGE, Verb.UNACKNOWLEDGE, Verb.REOPEN):
        decision = _again(state, INCIDENT, change)
        assert (decision.drafts, decision.reason, decision.link) == ((), Reason.NOT_NEEDED, state)
    assert again(state, errand(INCIDENT, value=RESOLVED), BEN, RULES, is_answered=True).drafts == ()


def test_a_resolve_is_told_to_a_closed_case_by_its_own_errand_and_not_by_that_of_a_step_before() -> None:
    state = link(case=CLOSED, incident=RESOLVED)
    assert _again(state, CASE, Verb.ACKNOWLEDGE).drafts == ()
    assert len(texts(_again(state, CASE, Verb.RESOLVE), CASE)) == 1


@pytest.mark.parametrize("field", [Field.STATUS, Field.PRIORITY])
def test_what_a_later_errand_speaks_of_is_brought_to_a_field_and_not_said_in_words(field: Field) -> None:
    closed = link(case=CLOSED, incident=ACK, priority="P1", there="B")
    standing = link(case=OPEN, incident=ACK, priority="P1", there="B")
    asked = errand(CASE, field)
    assert len(texts(again(closed, asked, BEN, RULES), CASE)) == 1
    assert again(closed, asked, BEN, RULES, is_told=True).drafts == ()
    assert wants(again(standing, asked, BEN, RULES, is_told=True), CASE, field)


def test_a_reopening_that_is_only_told_is_told_by_its_replay() -> None:
    decision = _again(link(case=OPEN, incident=RESOLVED), INCIDENT, Verb.REOPEN, CaseReopened.NOTE)
    assert len(texts(decision, INCIDENT)) == 1


def test_a_reopening_that_was_only_observed_lets_the_acknowledge_after_it_reopen_the_incident() -> None:
    """The acknowledge is on its way to an incident that is resolved still, where it alone would be left."""
    acknowledging = Wish(ACK, RESOLVED, BEN)
    state = link(case=ACK, incident=RESOLVED).want(INCIDENT, Field.STATUS, acknowledging)
    decision = _again(state, INCIDENT, Verb.REOPEN)
    assert (decision.drafts, decision.reason) == ((), Reason.ON_ITS_WAY)
    assert decision.link.wanted[INCIDENT, Field.STATUS] == replace(acknowledging, earlier=(OPEN,))
    answered = again(state, replace(errand(INCIDENT), change=Verb.REOPEN), BEN, RULES, is_answered=True)
    assert answered.link == state, "a resolve came after it"


@pytest.mark.parametrize("side", list(Side))
def test_a_side_is_resolved_with_the_other_after_a_write_of_ours_had_crossed_a_resolve(side: Side) -> None:
    """Both are to be resolved again, and this side was only observed when that was asked for."""
    state = link(case=ACK, incident=ACK).want(side.other, Field.STATUS, Wish(RESOLVED, ACK, US))
    assert wants(_again(state, side, Verb.RESOLVE), side) == RESOLVED


def test_so_it_is_where_a_person_took_the_case_back_meanwhile() -> None:
    """The case is on its way to resolved, and says open until then: the incident is not left where our write has put it."""
    state = link(case=OPEN, incident=ACK).want(CASE, Field.STATUS, Wish(RESOLVED, OPEN, US))
    assert wants(_again(state, INCIDENT, Verb.RESOLVE), INCIDENT) == RESOLVED


def test_a_value_that_is_on_its_way_to_the_one_side_is_put_back_on_the_other_where_a_late_write_of_ours_undid_it() -> (
    None
):
    """A person set the incident to D, a write that was under way made it B, and putting it back was only observed."""
    state = link(priority="P1", there="B").want(CASE, Field.PRIORITY, Wish("P4", "P1", BEN))
    rules = ruled(Policy(priority=Winner.PAGERDUTY))
    decision = again(state, errand(INCIDENT, Field.PRIORITY), BEN, rules)
    assert wants(decision, INCIDENT, Field.PRIORITY) == "D"
    assert decision.link.wanted[CASE, Field.PRIORITY].value == "P4"


def test_what_is_overruled_by_what_is_on_its_way_from_the_other_side_says_so() -> None:
    state = link(priority="P1", there="D").want(CASE, Field.PRIORITY, Wish("P4", "P1", BEN))
    decision = again(state, errand(INCIDENT, Field.PRIORITY), BEN, ruled(Policy(priority=Winner.PAGERDUTY)))
    assert (decision.drafts, decision.reason) == ((), Reason.OVERRULED)
