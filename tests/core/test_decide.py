"""Each rule of what syncs, as `decide` sees it: one hook, one link, what becomes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core import wording
from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, NoteSeen, Side
from syncd.core.decide import Decision, decide
from syncd.core.errand import Draft, ErrandKind
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
)

STATUSES = (OPEN, ACK, RESOLVED, CLOSED)


def _resolution_note(text: str, note_id: str = "n1", when: float = 5) -> FieldSeen:
    return FieldSeen(Field.RESOLUTION_NOTE, text, ANN, at(when), note_id=note_id, text=wording.resolution_note(text))


def _wants(decision: Decision, side: Side, field: Field = Field.STATUS) -> str | None:
    wish = decision.link.wanted.get((side, field))
    kinds = {ErrandKind.STATUS: Field.STATUS, ErrandKind.PRIORITY: Field.PRIORITY}
    assert wish is None or any(
        draft.side is side and kinds.get(draft.kind, Field.RESOLUTION_NOTE) is field for draft in decision.drafts
    )
    return None if wish is None else wish.value


def _texts(decision: Decision, side: Side) -> list[str]:
    return [draft.text for draft in decision.drafts if draft.side is side and draft.kind is ErrandKind.NOTE]


# From PagerDuty to a case.


@pytest.mark.parametrize("value", [ACK, RESOLVED])
def test_an_incident_acknowledged_or_resolved_takes_its_case_along(value: str) -> None:
    decision = decide(link(), status(value), INCIDENT, RULES)
    assert _wants(decision, CASE) == value
    assert decision.outcome is None
    assert decision.drafts[0].by == ANN


def test_an_unacknowledged_incident_opens_its_case_again() -> None:
    assert _wants(decide(link(ACK, ACK), status(OPEN), INCIDENT, RULES), CASE) == OPEN


def test_an_unacknowledge_is_ignored_with_a_row_where_policy_says_so() -> None:
    rules = ruled(Policy(unacknowledged=Unacknowledged.IGNORE))
    decision = decide(link(ACK, ACK), status(OPEN), INCIDENT, rules)
    assert (decision.drafts, decision.outcome, decision.reason) == ((), Outcome.IGNORED, Reason.BY_POLICY)


def test_an_unacknowledge_that_policy_ignores_takes_back_no_acknowledge_on_its_way() -> None:
    """Otherwise a case would end acknowledged or not by the moment at which its answer came."""
    rules = ruled(Policy(unacknowledged=Unacknowledged.IGNORE))
    asked = decide(link(), status(ACK), INCIDENT, rules).link
    decision = decide(asked, status(OPEN, 6), INCIDENT, rules)
    assert (decision.outcome, decision.reason) == (Outcome.IGNORED, Reason.BY_POLICY)
    assert decision.link.wanted[CASE, Field.STATUS].value == ACK


def test_the_incidents_priority_becomes_the_cases_by_the_map() -> None:
    assert _wants(decide(link(), priority("B"), INCIDENT, RULES), CASE, Field.PRIORITY) == "P2"


def test_a_priority_without_a_counterpart_is_said_in_a_row() -> None:
    decision = decide(link(), priority("Z"), INCIDENT, RULES)
    assert (decision.drafts, decision.outcome, decision.reason) == ((), Outcome.IGNORED, Reason.NOT_MAPPED)


@pytest.mark.parametrize("names_authors", [True, False])
def test_a_note_becomes_a_comment_by_name_and_side(names_authors: bool) -> None:
    rules = ruled(Policy(), Capabilities(names_authors=names_authors))
    (draft,) = decide(link(), NoteSeen("n1", "Looking.", ANN, at(5)), INCIDENT, rules).drafts
    wanted = ("Looking.", "Ann Ito (PagerDuty)") if names_authors else ("Ann Ito (PagerDuty): Looking.", "")
    assert (draft.text, draft.author) == wanted


def test_a_long_note_is_cut_to_what_the_case_takes() -> None:
    rules = ruled(Policy(), Capabilities(max_note=200))
    (draft,) = decide(link(), NoteSeen("n1", "x" * 900, ANN, at(5)), INCIDENT, rules).drafts
    assert len(draft.text.encode()) <= 200


@pytest.mark.parametrize("is_note_first", [True, False])
def test_a_resolution_note_fills_the_field_and_is_no_comment_before_or_after_the_resolve(is_note_first: bool) -> None:
    seen = [_resolution_note("Disk full."), status(RESOLVED, 5.3)]
    drafts: list[Draft] = []
    now = link()
    for fact in seen if is_note_first else reversed(seen):
        decision = decide(now, fact, INCIDENT, RULES)
        drafts += decision.drafts
        now = decision.link
    assert now.wanted[CASE, Field.RESOLUTION_NOTE].value == "Disk full."
    assert now.wanted[CASE, Field.STATUS].value == RESOLVED
    assert {draft.kind for draft in drafts} == {ErrandKind.RESOLUTION_NOTE, ErrandKind.STATUS}


def test_a_resolution_note_is_a_comment_where_the_case_has_no_such_field() -> None:
    decision = decide(link(), _resolution_note("Disk full."), INCIDENT, ruled(Policy(), Capabilities()))
    assert _texts(decision, CASE) == ["Ann Ito (PagerDuty): Resolution Note: Disk full."]


def test_an_older_resolution_note_does_not_replace_a_newer_one_and_is_not_lost() -> None:
    first = decide(link(), _resolution_note("second", "n2", 8), INCIDENT, RULES).link
    late = decide(first, _resolution_note("first", "n1", 4), INCIDENT, RULES)
    assert late.link.wanted[CASE, Field.RESOLUTION_NOTE].value == "second"
    assert _texts(late, CASE) == ["Ann Ito (PagerDuty): Resolution Note: first"]


def test_what_a_person_typed_into_the_cases_field_stands_and_pagerdutys_is_said_beside_it() -> None:
    wished = decide(link(), _resolution_note("theirs"), INCIDENT, RULES).link
    decision = decide(wished, FieldSeen(Field.RESOLUTION_NOTE, "mine", ANN, at(6)), CASE, RULES)
    assert (CASE, Field.RESOLUTION_NOTE) not in decision.link.wanted
    assert _texts(decision, CASE) == ["Ann Ito (PagerDuty): Resolution Note: theirs"]
    assert _texts(decision, INCIDENT) == ["Resolution Note: mine"]


def test_a_reopened_incident_opens_its_case() -> None:
    seen = status(OPEN, is_reopening=True)
    assert _wants(decide(link(RESOLVED, RESOLVED), seen, INCIDENT, RULES), CASE) == OPEN


def test_a_reopened_incident_is_a_comment_where_cases_stay_resolved() -> None:
    rules = ruled(Policy(), Capabilities(can_reopen=False))
    decision = decide(link(RESOLVED, RESOLVED), status(OPEN, is_reopening=True), INCIDENT, rules)
    assert _texts(decision, CASE) == ["Ann Ito (PagerDuty) reopened the incident. The case cannot follow that."]


def test_a_case_that_cannot_reopen_is_not_acknowledged_after_its_incident_was_reopened() -> None:
    rules = ruled(Policy(), Capabilities(can_reopen=False))
    decision = decide(link(RESOLVED, OPEN), status(ACK), INCIDENT, rules)
    assert _wants(decision, CASE) is None
    assert len(_texts(decision, CASE)) == 1


def test_a_reopening_whose_resolve_was_never_heard_of_is_still_news() -> None:
    resolving = link(RESOLVED, OPEN)
    assert _wants(decide(resolving, status(OPEN, is_reopening=True), INCIDENT, RULES), CASE) == OPEN


def test_a_merge_is_a_comment_and_no_resolve() -> None:
    seen = FieldSeen(Field.MERGED_INTO, "Q9", ANN, at(5))
    decision = decide(link(ACK, ACK), seen, INCIDENT, RULES)
    assert not decision.link.wanted
    assert (decision.outcome, decision.reason) == (Outcome.IGNORED, Reason.MERGED)
    assert "merged the incident into Q9" in _texts(decision, CASE)[0]


def test_a_real_resolve_after_a_merge_is_news() -> None:
    merged = decide(link(ACK, ACK), FieldSeen(Field.MERGED_INTO, "Q9", ANN, at(5)), INCIDENT, RULES).link
    parted = decide(merged, status(ACK, 6, is_reopening=True), INCIDENT, RULES).link
    assert parted.value(INCIDENT, Field.MERGED_INTO) == ""
    assert _wants(decide(parted, status(RESOLVED, 7), INCIDENT, RULES), CASE) == RESOLVED


def test_a_merge_overtaken_by_its_reopening_is_said_but_not_believed() -> None:
    decision = decide(link(ACK, ACK).saw(INCIDENT, Field.STATUS, ACK, at(6)), _merge(5), INCIDENT, RULES)
    assert decision.link.value(INCIDENT, Field.MERGED_INTO) == ""
    assert len(_texts(decision, CASE)) == 1


def _merge(when: float) -> FieldSeen:
    return FieldSeen(Field.MERGED_INTO, "Q9", ANN, at(when))


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (status(ACK), "acknowledged the incident. The case is closed"),
        (status(RESOLVED), "resolved the incident. The case is closed"),
        (priority("B"), "set the incident's priority to B. The case is closed"),
        (_resolution_note("Disk."), "Resolution Note: Disk."),
        (NoteSeen("n1", "Still looking.", ANN, at(5)), "Still looking."),
    ],
)
def test_a_closed_case_only_takes_comments(seen: FieldSeen | NoteSeen, words: str) -> None:
    decision = decide(link(CLOSED), seen, INCIDENT, RULES)
    assert not decision.link.wanted
    (text,) = _texts(decision, CASE)
    assert words in text


def test_a_closed_case_is_told_of_an_event_whose_place_among_the_others_is_not_known() -> None:
    """The record is looked at, and would say only what came last: that is believed, and the event is told anyhow."""
    known = link(CLOSED).saw(INCIDENT, Field.STATUS, RESOLVED, at(5))
    decision = decide(known, status(ACK, 5.2), INCIDENT, RULES)
    assert decision.needs_look
    assert decision.link == known
    (text,) = _texts(decision, CASE)
    assert "acknowledged the incident. The case is closed" in text


def test_an_echo_of_ours_whose_place_is_not_known_is_looked_at_although_the_case_is_closed() -> None:
    known = link(CLOSED).saw(INCIDENT, Field.STATUS, RESOLVED, at(5))
    decision = decide(known, status(ACK, 5.2, by=US), INCIDENT, RULES)
    assert decision.needs_look
    assert not decision.drafts


# From a case to PagerDuty.


@pytest.mark.parametrize("value", [ACK, RESOLVED])
def test_a_case_acknowledged_or_resolved_takes_its_incident_along(value: str) -> None:
    assert _wants(decide(link(), status(value), CASE, RULES), INCIDENT) == value


def test_the_cases_resolution_note_is_a_visible_note() -> None:
    seen = FieldSeen(Field.RESOLUTION_NOTE, "Disk full.", ANN, at(5))
    assert _texts(decide(link(), seen, CASE, RULES), INCIDENT) == ["Resolution Note: Disk full."]


def test_a_comment_becomes_a_note_with_its_author_named() -> None:
    decision = decide(link(), NoteSeen("c1", "Looking.", ANN, at(5)), CASE, RULES)
    assert _texts(decision, INCIDENT) == ["Ann Ito (case): Looking."]


def test_a_case_reopened_by_a_person_is_one_note_and_no_status_write() -> None:
    decision = decide(link(RESOLVED, RESOLVED), status(OPEN), CASE, RULES)
    assert not decision.link.wanted
    assert _texts(decision, INCIDENT) == ["Ann Ito reopened the case. The incident keeps its status."]


def test_a_case_reopened_takes_back_a_resolve_that_was_not_sent() -> None:
    resolving = decide(link(), status(RESOLVED), CASE, RULES).link
    assert not decide(resolving, status(OPEN, 6), CASE, RULES).link.wanted


def test_a_case_unacknowledged_takes_back_an_acknowledge_that_was_not_sent() -> None:
    acknowledging = decide(link(), status(ACK), CASE, RULES).link
    decision = decide(acknowledging, status(OPEN, 6), CASE, RULES)
    assert not decision.link.wanted
    assert len(_texts(decision, INCIDENT)) == 1


def test_a_case_reopened_reopens_its_incident_where_policy_says_so() -> None:
    rules = ruled(Policy(case_reopened=CaseReopened.REOPEN))
    assert _wants(decide(link(RESOLVED, RESOLVED), status(OPEN), CASE, rules), INCIDENT) == OPEN


def test_a_case_reopened_and_acknowledged_never_asks_a_resolved_incident_to_be_acknowledged() -> None:
    rules = ruled(Policy(case_reopened=CaseReopened.REOPEN))
    reopened = decide(link(RESOLVED, RESOLVED), status(OPEN), CASE, rules).link
    assert _wants(decide(reopened, status(ACK, 6), CASE, rules), INCIDENT) == OPEN
    assert _wants(decide(link(RESOLVED, RESOLVED), status(ACK), CASE, rules), INCIDENT) == OPEN


def test_a_case_found_reopened_and_acknowledged_is_told_and_followed_as_far_as_it_goes() -> None:
    decision = decide(link(CLOSED, OPEN), status(ACK), CASE, RULES)
    assert _wants(decision, INCIDENT) == ACK
    assert len(_texts(decision, INCIDENT)) == 1


def test_closing_leaves_one_note_to_be_weighed_at_its_turn_and_keeps_what_was_wanted() -> None:
    resolving = decide(link(), status(RESOLVED), CASE, RULES).link
    decision = decide(resolving, status(CLOSED, 6), CASE, RULES)
    assert [draft.kind for draft in decision.drafts] == [ErrandKind.CLOSING_NOTE]
    assert "Ann Ito closed case CS-1" in decision.drafts[0].text
    assert decision.link.wanted[INCIDENT, Field.STATUS].value == RESOLVED


def test_a_closed_case_pushes_no_priority() -> None:
    decision = decide(link(CLOSED), priority("P2"), CASE, RULES)
    assert (decision.drafts, decision.outcome, decision.reason) == ((), Outcome.IGNORED, Reason.CASE_CLOSED)


def test_comments_go_on_flowing_from_a_closed_case() -> None:
    decision = decide(link(CLOSED), NoteSeen("c1", "Late thought.", ANN, at(5)), CASE, RULES)
    assert _texts(decision, INCIDENT) == ["Ann Ito (case): Late thought."]


# Both.


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
    assert _wants(decide(second, priority("B", 7), INCIDENT, RULES), CASE, Field.PRIORITY) == "P2"


def test_what_we_asked_for_is_an_echo_once_and_news_when_it_is_asked_no_more() -> None:
    acknowledging = decide(link(), status(ACK), CASE, RULES).link
    assert decide(acknowledging, status(ACK, 6, by=US), INCIDENT, RULES).reason is Reason.ECHO
    withdrawn = acknowledging.no_longer_want(INCIDENT, Field.STATUS).saw(CASE, Field.STATUS, OPEN, at(6))
    assert _wants(decide(withdrawn, status(ACK, 7), INCIDENT, RULES), CASE) == ACK


def test_older_news_is_stale() -> None:
    known = link().saw(INCIDENT, Field.STATUS, RESOLVED, at(9))
    assert decide(known, status(ACK, 5), INCIDENT, RULES).reason is Reason.STALE


def test_news_of_the_same_second_as_a_record_is_looked_at() -> None:
    known = link().saw(INCIDENT, Field.STATUS, RESOLVED, at(5))
    assert decide(known, status(ACK, 5.2), INCIDENT, RULES).needs_look


def test_a_resolve_beats_an_acknowledge_made_at_the_same_time_on_the_other_side() -> None:
    acknowledging = decide(link(), status(ACK), CASE, RULES).link
    decision = decide(acknowledging, status(RESOLVED, 6), INCIDENT, RULES)
    assert (INCIDENT, Field.STATUS) not in decision.link.wanted
    assert _wants(decision, CASE) == RESOLVED


def test_an_acknowledge_does_not_take_back_a_resolve_made_at_the_same_time() -> None:
    resolving = decide(link(), status(RESOLVED), CASE, RULES).link
    decision = decide(resolving, status(ACK, 6), INCIDENT, RULES)
    assert decision.reason is Reason.OVERRULED
    assert decision.link.wanted[INCIDENT, Field.STATUS].base == ACK


def test_our_own_acknowledge_that_crossed_a_resolve_is_resolved_again_noted_and_failed() -> None:
    resolved = decide(link(ACK, OPEN), status(RESOLVED, 5), INCIDENT, RULES).link
    decision = decide(resolved, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert (decision.outcome, decision.reason) == (Outcome.FAILED, Reason.REOPENED_BY_US)
    assert _wants(decision, INCIDENT) == RESOLVED
    assert _wants(decision, CASE) == RESOLVED
    assert _texts(decision, INCIDENT) == [wording.reopened_by_us()]
    again = decide(decision.link, status(ACK, 6.2, by=US, is_reopening=True), INCIDENT, RULES)
    assert not again.drafts


def test_a_late_acknowledge_of_ours_on_a_case_resolved_meanwhile_is_put_back() -> None:
    decision = decide(link(RESOLVED, RESOLVED), status(ACK, 6, by=US), CASE, RULES)
    assert decision.link.wanted[CASE, Field.STATUS] == Wish(RESOLVED, ACK, US, is_amends=True)
    assert not _texts(decision, INCIDENT)


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
    assert twice.needs_look or not twice.drafts
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
    assert _wants(decide(resolved, status(value), CASE, ruled(policy)), INCIDENT) != ACK
