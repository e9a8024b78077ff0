"""What `decide` makes of news on both sides at once, news out of order, and news told twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core import wording
from syncd.core.changes import NOBODY, Actor, Field, Side, Status, Verb
from syncd.core.decide import decide
from syncd.core.link import Link, Wish
from syncd.core.policy import CaseReopened, Policy, Rules, Unacknowledged, Winner
from syncd.core.reasons import Outcome, Reason

from .links import (
    ACK,
    ANN,
    CASE,
    CLOSED,
    INCIDENT,
    OPEN,
    RESOLVED,
    RULES,
    US,
    at,
    link,
    priority,
    ruled,
    status,
    texts,
    wants,
)

STATUSES = (OPEN, ACK, RESOLVED, CLOSED)


@pytest.mark.parametrize(("winner", "wins"), [(Winner.PAGERDUTY, INCIDENT), (Winner.CASE, CASE)])
@pytest.mark.parametrize("is_case_first", [True, False])
def test_priority_set_on_both_sides_at_once(winner: Winner, wins: Side, is_case_first: bool) -> None:
    rules, now = ruled(Policy(priority=winner)), link()
    news = [(CASE, priority("P2", 5)), (INCIDENT, priority("D", 9))]
    for side, seen in news if is_case_first else reversed(news):
        now = decide(now, seen, side, rules).link
    assert {spot: wish.value for spot, wish in now.wanted.items()} == (
        {(CASE, Field.PRIORITY): "P4"} if wins is INCIDENT else {(INCIDENT, Field.PRIORITY): "B"}
    )


def test_no_priority_is_written_when_the_other_value_means_it_already() -> None:
    decision = decide(link(priority="P4", there="D"), priority("P5"), CASE, RULES)
    assert (decision.drafts, decision.reason) == ((), Reason.IN_STEP)


def test_the_echo_of_what_was_wanted_before_is_not_taken_for_pagerdutys_choice() -> None:
    first = decide(link(), priority("P2", 5), CASE, RULES).link
    second = decide(first, priority("P4", 6), CASE, RULES).link
    decision = decide(second, priority("B", 7, by=US), INCIDENT, RULES)
    assert decision.link.wanted[INCIDENT, Field.PRIORITY].value == "D"
    assert not decision.drafts


def test_a_person_who_sets_what_was_wanted_before_is_not_taken_for_our_echo() -> None:
    first = decide(link(), priority("P2", 5), CASE, RULES).link
    second = decide(first, priority("P4", 6), CASE, RULES).link
    assert wants(decide(second, priority("B", 7), INCIDENT, RULES), CASE, Field.PRIORITY) == "P2"


def test_what_we_asked_for_is_an_echo_once_and_news_when_it_is_asked_no_more() -> None:
    acknowledging = decide(link(), status(ACK), CASE, RULES).link
    assert decide(acknowledging, status(ACK, 6, by=US), INCIDENT, RULES).reason is Reason.ECHO
    withdrawn = acknowledging.no_longer_want(INCIDENT, Field.STATUS).saw(CASE, Field.STATUS, OPEN, at(6))
    assert wants(decide(withdrawn, status(ACK, 7), INCIDENT, RULES), CASE) == ACK


def test_older_news_is_stale_and_named_for_what_it_was() -> None:
    known = link().saw(INCIDENT, Field.STATUS, RESOLVED, at(9))
    decision = decide(known, status(ACK, 5), INCIDENT, RULES)
    assert (decision.reason, decision.change) == (Reason.STALE, Verb.ACKNOWLEDGE)


def test_older_news_is_told_to_a_closed_case_and_changes_no_belief() -> None:
    known = link(CLOSED).saw(INCIDENT, Field.STATUS, RESOLVED, at(9))
    decision = decide(known, status(ACK, 5.2), INCIDENT, RULES)
    assert decision.link == known
    (text,) = texts(decision, CASE)
    assert "acknowledged the incident. The case is closed" in text


def test_news_of_the_same_second_as_a_record_is_looked_at() -> None:
    known = link().saw(INCIDENT, Field.STATUS, RESOLVED, at(5))
    assert decide(known, status(ACK, 5.2), INCIDENT, RULES).needs_look


def test_a_resolve_beats_an_acknowledge_made_at_the_same_time_on_the_other_side() -> None:
    acknowledging = decide(link(), status(ACK), CASE, RULES).link
    decision = decide(acknowledging, status(RESOLVED, 6), INCIDENT, RULES)
    assert (INCIDENT, Field.STATUS) not in decision.link.wanted
    assert wants(decision, CASE) == RESOLVED


def test_an_acknowledge_does_not_take_back_a_resolve_made_at_the_same_time() -> None:
    resolving = decide(link(), status(RESOLVED), CASE, RULES).link
    decision = decide(resolving, status(ACK, 6), INCIDENT, RULES)
    assert decision.reason is Reason.OVERRULED
    assert decision.link.wanted[INCIDENT, Field.STATUS].base == ACK


def test_our_own_acknowledge_that_crossed_a_resolve_is_resolved_again_noted_and_failed() -> None:
    resolved = decide(link(ACK, OPEN), status(RESOLVED, 5), INCIDENT, RULES).link
    decision = decide(resolved, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert (decision.outcome, decision.reason) == (Outcome.FAILED, Reason.REOPENED_BY_US)
    assert wants(decision, INCIDENT) == RESOLVED
    assert wants(decision, CASE) == RESOLVED
    assert texts(decision, INCIDENT) == [wording.reopened_by_us()]
    again = decide(decision.link, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert not again.drafts


def test_a_reopening_of_ours_that_a_look_told_of_first_does_not_reopen_the_resolved_case() -> None:
    followed = decide(link(RESOLVED, RESOLVED), status(ACK, 6, by=NOBODY), INCIDENT, RULES).link
    assert followed.wanted[CASE, Field.STATUS].value == ACK
    decision = decide(followed, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert (wants(decision, INCIDENT), wants(decision, CASE)) == (RESOLVED, None)


def test_the_hook_of_a_reopening_of_ours_that_is_older_than_a_persons_acknowledge_resolves_nothing() -> None:
    worked_on = link(ACK, ACK).saw(INCIDENT, Field.STATUS, ACK, at(60.5))  # By the hook of that.
    decision = decide(worked_on, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert (decision.link, decision.drafts, decision.reason) == (worked_on, (), Reason.STALE)


def test_whether_people_have_moved_it_since_a_reopening_of_ours_is_read_when_only_a_record_is_younger() -> None:
    """Its priority may have changed, and nobody looked after its status."""
    read = link(ACK, ACK).saw(INCIDENT, Field.STATUS, ACK, at(60))
    decision = decide(read, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert (decision.needs_look, decision.link, decision.drafts) == (True, read, ())


@pytest.mark.parametrize(("stands", "late"), [(RESOLVED, ACK), (RESOLVED, OPEN), (ACK, OPEN)])
def test_a_late_write_of_ours_on_a_case_moved_further_meanwhile_is_put_back(stands: Status, late: Status) -> None:
    decision = decide(link(stands, stands), status(late, 6, by=US), CASE, RULES)
    assert decision.link.wanted[CASE, Field.STATUS] == Wish(stands, late, US, is_amends=True)
    assert not texts(decision, INCIDENT)


@given(
    case=st.sampled_from(STATUSES),
    incident=st.sampled_from(STATUSES[:3]),
    value=st.sampled_from(STATUSES),
    side=st.sampled_from(Side),
    by=st.sampled_from([ANN, US, NOBODY]),
    when=st.floats(-5, 15),
    rules=st.builds(ruled, st.builds(Policy, st.sampled_from(Unacknowledged), st.sampled_from(CaseReopened))),
)
def test_a_hook_told_twice_does_nothing_the_second_time(
    case: str, incident: str, value: str, side: Side, by: Actor, when: float, rules: Rules
) -> None:
    seen = status(value, when, by)
    once = decide(link(case, incident), seen, side, rules)
    twice = decide(once.link, seen, side, rules)
    assert once.needs_look or not twice.needs_look
    is_told_anyhow = case == CLOSED and side is INCIDENT  # The receiver knows a repeat by its id.
    assert twice.needs_look or is_told_anyhow or not twice.drafts
    assert twice.link.wanted == once.link.wanted


@given(case=st.sampled_from(STATUSES), incident=st.sampled_from(STATUSES[:3]), value=st.sampled_from(STATUSES[:3]))
def test_a_closed_case_is_never_wanted_to_change(case: str, incident: str, value: str) -> None:
    decision = decide(link(case, incident), status(value), INCIDENT, RULES)
    assert case != CLOSED or (CASE, Field.STATUS) not in decision.link.wanted


@given(value=st.sampled_from(STATUSES), policy=st.builds(Policy, case_reopened=st.sampled_from(CaseReopened)))
def test_a_resolved_incident_is_never_wanted_acknowledged_because_its_case_was_reopened(
    value: str, policy: Policy
) -> None:
    resolved: Link = link(RESOLVED, RESOLVED)
    assert wants(decide(resolved, status(value), CASE, ruled(policy)), INCIDENT) != ACK


def test_a_case_that_is_reopened_takes_its_resolve_back_also_where_its_reopening_is_overruled() -> None:
    """It becomes acknowledged, as its incident is: the incident must not be resolved for what the case was before."""
    both = link(RESOLVED, ACK).want(INCIDENT, Field.STATUS, Wish(RESOLVED, ACK, ANN))
    both = both.want(CASE, Field.STATUS, Wish(ACK, RESOLVED, ANN))
    decision = decide(both, status(OPEN, 7), CASE, RULES)
    assert (decision.outcome, decision.reason) == (Outcome.SUPPRESSED, Reason.OVERRULED)
    assert decision.link.wanted == {(CASE, Field.STATUS): Wish(ACK, OPEN, ANN)}


def test_what_is_put_back_is_not_taken_back_by_a_change_that_is_overruled() -> None:
    amends = Wish(RESOLVED, ACK, ANN, is_amends=True)
    both = link(RESOLVED, ACK).want(INCIDENT, Field.STATUS, amends).want(CASE, Field.STATUS, Wish(ACK, RESOLVED, ANN))
    assert decide(both, status(OPEN, 7), CASE, RULES).link.wanted[INCIDENT, Field.STATUS] == amends
