"""Each rule of what syncs, as `decide` sees it: one hook, one link, what becomes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core import wording
from syncd.core.capabilities import Capabilities
from syncd.core.changes import Field, FieldSeen, NoteSeen, Verb
from syncd.core.decide import decide
from syncd.core.errand import Draft, ErrandKind
from syncd.core.link import Wish
from syncd.core.policy import CaseReopened, Policy, Unacknowledged
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

CANNOT_REOPEN = ruled(Policy(), Capabilities(can_reopen=False))
STATUSES = (OPEN, ACK, RESOLVED, CLOSED)


def _resolution_note(text: str, note_id: str = "n1", when: float = 5) -> FieldSeen:
    return FieldSeen(Field.RESOLUTION_NOTE, text, ANN, at(when), note_id=note_id, text=wording.resolution_note(text))


# From PagerDuty to a case.


@pytest.mark.parametrize("value", [ACK, RESOLVED])
def test_an_incident_acknowledged_or_resolved_takes_its_case_along(value: str) -> None:
    decision = decide(link(), status(value), INCIDENT, RULES)
    assert wants(decision, CASE) == value
    assert decision.outcome is None
    assert decision.drafts[0].by == ANN


def test_an_unacknowledged_incident_opens_its_case_again() -> None:
    assert wants(decide(link(ACK, ACK), status(OPEN), INCIDENT, RULES), CASE) == OPEN


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


def test_an_unacknowledge_that_the_case_cannot_follow_is_told_also_while_the_acknowledge_is_on_its_way() -> None:
    """As a wish it would be sent when the acknowledge has landed, and refused."""
    rules = ruled(Policy(), Capabilities(has_closed=True, has_resolution_note=True, can_unacknowledge=False))
    asked = decide(link(), status(ACK), INCIDENT, rules).link
    decision = decide(asked, status(OPEN, 6), INCIDENT, rules)
    assert not decision.link.wanted
    (text,) = texts(decision, CASE)
    assert text == "Ann Ito (PagerDuty) un-acknowledged the incident. The case cannot follow that."


def test_the_incidents_priority_becomes_the_cases_by_the_map() -> None:
    assert wants(decide(link(), priority("B"), INCIDENT, RULES), CASE, Field.PRIORITY) == "P2"


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
    assert texts(decision, CASE) == ["Ann Ito (PagerDuty): Resolution Note: Disk full."]


def test_an_older_resolution_note_does_not_replace_a_newer_one_and_is_not_lost() -> None:
    first = decide(link(), _resolution_note("second", "n2", 8), INCIDENT, RULES).link
    late = decide(first, _resolution_note("first", "n1", 4), INCIDENT, RULES)
    assert late.link.wanted[CASE, Field.RESOLUTION_NOTE].value == "second"
    assert texts(late, CASE) == ["Ann Ito (PagerDuty): Resolution Note: first"]


def test_a_resolution_note_found_again_in_the_same_second_is_not_replaced_by_one_between_the_two() -> None:
    first = decide(link(), _resolution_note("cause found", "n1", 5.1), INCIDENT, RULES).link
    again = decide(first, _resolution_note("cause found", "n3", 5), INCIDENT, RULES).link  # A list has whole seconds.
    between = decide(again, _resolution_note("was the disk", "n2", 5.4), INCIDENT, RULES)
    assert between.link.wanted[CASE, Field.RESOLUTION_NOTE].value == "cause found"
    assert texts(between, CASE) == ["Ann Ito (PagerDuty): Resolution Note: was the disk"]


def test_what_a_person_typed_into_the_cases_field_stands_and_pagerdutys_is_said_beside_it() -> None:
    wished = decide(link(), _resolution_note("theirs"), INCIDENT, RULES).link
    decision = decide(wished, FieldSeen(Field.RESOLUTION_NOTE, "mine", ANN, at(6)), CASE, RULES)
    assert (CASE, Field.RESOLUTION_NOTE) not in decision.link.wanted
    assert texts(decision, CASE) == ["Ann Ito (PagerDuty): Resolution Note: theirs"]
    assert texts(decision, INCIDENT) == ["Resolution Note: mine"]


def test_a_reopened_incident_opens_its_case() -> None:
    seen = status(OPEN, is_reopening=True)
    assert wants(decide(link(RESOLVED, RESOLVED), seen, INCIDENT, RULES), CASE) == OPEN


def test_a_reopened_incident_is_a_comment_where_cases_stay_resolved() -> None:
    decision = decide(link(RESOLVED, RESOLVED), status(OPEN, is_reopening=True), INCIDENT, CANNOT_REOPEN)
    assert texts(decision, CASE) == ["Ann Ito (PagerDuty) reopened the incident. The case cannot follow that."]


def test_a_case_that_cannot_reopen_is_not_acknowledged_after_its_incident_was_reopened() -> None:
    decision = decide(link(RESOLVED, OPEN), status(ACK), INCIDENT, CANNOT_REOPEN)
    assert wants(decision, CASE) is None
    assert len(texts(decision, CASE)) == 1


def test_a_reopening_whose_resolve_was_never_heard_of_is_still_news() -> None:
    resolving = link(RESOLVED, OPEN)
    assert wants(decide(resolving, status(OPEN, is_reopening=True), INCIDENT, RULES), CASE) == OPEN


def test_a_merge_is_a_comment_and_no_resolve() -> None:
    seen = FieldSeen(Field.MERGED_INTO, "Q9", ANN, at(5))
    decision = decide(link(ACK, ACK), seen, INCIDENT, RULES)
    assert not decision.link.wanted
    assert (decision.outcome, decision.reason) == (Outcome.IGNORED, Reason.MERGED)
    assert "merged the incident into Q9" in texts(decision, CASE)[0]


def test_a_real_resolve_after_a_merge_is_news() -> None:
    merged = decide(link(ACK, ACK), FieldSeen(Field.MERGED_INTO, "Q9", ANN, at(5)), INCIDENT, RULES).link
    parted = decide(merged, status(ACK, 6, is_reopening=True), INCIDENT, RULES).link
    assert parted.value(INCIDENT, Field.MERGED_INTO) == ""
    assert wants(decide(parted, status(RESOLVED, 7), INCIDENT, RULES), CASE) == RESOLVED


def test_a_merge_overtaken_by_its_reopening_is_said_but_not_believed() -> None:
    decision = decide(link(ACK, ACK).saw(INCIDENT, Field.STATUS, ACK, at(6)), _merge(5), INCIDENT, RULES)
    assert decision.link.value(INCIDENT, Field.MERGED_INTO) == ""
    assert len(texts(decision, CASE)) == 1


def test_a_merge_heard_of_after_a_later_resolve_is_said_but_not_believed() -> None:
    resolved = link(RESOLVED, RESOLVED).saw(INCIDENT, Field.STATUS, RESOLVED, at(6))
    decision = decide(resolved, _merge(5), INCIDENT, RULES)
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)
    assert len(texts(decision, CASE)) == 1


def test_a_status_after_a_merge_is_news_although_it_is_the_one_known_before_it() -> None:
    """The hook of the reopening itself is late, or lost."""
    merged = decide(link(RESOLVED, OPEN), _merge(5), INCIDENT, RULES).link
    decision = decide(merged, status(OPEN, 7), INCIDENT, RULES)
    assert wants(decision, CASE) == OPEN
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)


def test_a_resolve_after_a_merge_ends_the_merge_also_when_the_reopening_between_them_comes_last() -> None:
    merged = decide(link(OPEN, OPEN), _merge(5), INCIDENT, RULES).link
    decision = decide(merged, status(RESOLVED, 7), INCIDENT, RULES)
    assert wants(decision, CASE) == RESOLVED
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)
    assert decide(decision.link, status(OPEN, 6, is_reopening=True), INCIDENT, RULES).reason is Reason.STALE


def test_a_status_from_before_a_merge_is_no_news() -> None:
    merged = decide(link(RESOLVED, OPEN), _merge(5), INCIDENT, RULES).link
    decision = decide(merged, status(OPEN, 4, is_reopening=True), INCIDENT, RULES)
    assert not decision.drafts
    assert decision.link.value(INCIDENT, Field.MERGED_INTO) == "Q9"


def test_the_hook_of_our_own_reopening_comes_twice_and_is_noted_once() -> None:
    known = link(RESOLVED, ACK).saw(INCIDENT, Field.STATUS, ACK, at(5))  # By the answer of our write, in whole seconds.
    reopened = status(ACK, 5.2, US, is_reopening=True)
    first = decide(known, reopened, INCIDENT, RULES)
    second = decide(first.link, reopened, INCIDENT, RULES)
    assert texts(first, INCIDENT) == [wording.reopened_by_us()]
    assert not second.drafts
    assert second.link.wanted[INCIDENT, Field.STATUS].value == RESOLVED


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
    (text,) = texts(decision, CASE)
    assert words in text


def test_a_closed_case_is_told_of_an_event_whose_place_among_the_others_is_not_known() -> None:
    """The record is looked at, and would say only what came last: that is believed, and the event is told anyhow."""
    known = link(CLOSED).saw(INCIDENT, Field.STATUS, RESOLVED, at(5))
    decision = decide(known, status(ACK, 5.2), INCIDENT, RULES)
    assert decision.needs_look
    assert decision.link == known
    (text,) = texts(decision, CASE)
    assert "acknowledged the incident. The case is closed" in text


def test_what_is_to_be_put_right_on_a_closed_case_is_not_forgotten_over_news_that_it_is_only_told_of() -> None:
    amends = Wish("P1", "P4", is_amends=True)
    before = link(CLOSED).want(CASE, Field.PRIORITY, amends)
    decision = decide(before, priority("B"), INCIDENT, RULES)
    assert decision.link.wanted[CASE, Field.PRIORITY] == amends
    assert len(texts(decision, CASE)) == 1


def test_an_echo_of_ours_whose_place_is_not_known_is_looked_at_although_the_case_is_closed() -> None:
    known = link(CLOSED).saw(INCIDENT, Field.STATUS, RESOLVED, at(5))
    decision = decide(known, status(ACK, 5.2, by=US), INCIDENT, RULES)
    assert decision.needs_look
    assert not decision.drafts


# From a case to PagerDuty.


@pytest.mark.parametrize("value", [ACK, RESOLVED])
def test_a_case_acknowledged_or_resolved_takes_its_incident_along(value: str) -> None:
    assert wants(decide(link(), status(value), CASE, RULES), INCIDENT) == value


def test_the_cases_resolution_note_is_a_visible_note() -> None:
    seen = FieldSeen(Field.RESOLUTION_NOTE, "Disk full.", ANN, at(5))
    assert texts(decide(link(), seen, CASE, RULES), INCIDENT) == ["Resolution Note: Disk full."]


def test_a_comment_becomes_a_note_with_its_author_named() -> None:
    decision = decide(link(), NoteSeen("c1", "Looking.", ANN, at(5)), CASE, RULES)
    assert texts(decision, INCIDENT) == ["Ann Ito (case): Looking."]


def test_a_case_reopened_by_a_person_is_one_note_and_no_status_write() -> None:
    decision = decide(link(RESOLVED, RESOLVED), status(OPEN), CASE, RULES)
    assert not decision.link.wanted
    assert texts(decision, INCIDENT) == ["Ann Ito reopened the case. The incident keeps its status."]


def test_a_case_reopened_by_a_person_follows_the_acknowledge_that_it_could_not_follow() -> None:
    """Found by seed 287069: the incident was acknowledged while the case was thought to be resolved for good."""
    told = decide(link(RESOLVED, RESOLVED), status(ACK, is_reopening=True), INCIDENT, CANNOT_REOPEN)
    assert not told.link.wanted
    assert len(texts(told, CASE)) == 1
    decision = decide(told.link, status(OPEN, 6), CASE, CANNOT_REOPEN)
    assert wants(decision, CASE) == ACK
    assert wants(decision, INCIDENT) is None
    assert texts(decision, INCIDENT) == ["Ann Ito reopened the case. The incident keeps its status."]


def test_a_case_reopened_follows_nothing_where_sync_is_one_way_or_where_we_reopened_it() -> None:
    resolved = link(RESOLVED, ACK)
    assert not decide(resolved, status(OPEN, 6), CASE, replace(CANNOT_REOPEN, is_two_way=False)).link.wanted
    assert wants(decide(resolved, status(OPEN, 6, by=US), CASE, CANNOT_REOPEN), CASE) != ACK


def test_a_case_reopened_takes_back_a_resolve_that_was_not_sent() -> None:
    resolving = decide(link(), status(RESOLVED), CASE, RULES).link
    assert not decide(resolving, status(OPEN, 6), CASE, RULES).link.wanted


def test_a_case_unacknowledged_takes_back_an_acknowledge_that_was_not_sent() -> None:
    acknowledging = decide(link(), status(ACK), CASE, RULES).link
    decision = decide(acknowledging, status(OPEN, 6), CASE, RULES)
    assert not decision.link.wanted
    assert len(texts(decision, INCIDENT)) == 1


def test_a_case_reopened_reopens_its_incident_where_policy_says_so() -> None:
    rules = ruled(Policy(case_reopened=CaseReopened.REOPEN))
    assert wants(decide(link(RESOLVED, RESOLVED), status(OPEN), CASE, rules), INCIDENT) == OPEN


def test_a_case_reopened_and_acknowledged_never_asks_a_resolved_incident_to_be_acknowledged() -> None:
    rules = ruled(Policy(case_reopened=CaseReopened.REOPEN))
    reopened = decide(link(RESOLVED, RESOLVED), status(OPEN), CASE, rules).link
    assert wants(decide(reopened, status(ACK, 6), CASE, rules), INCIDENT) == OPEN
    assert wants(decide(link(RESOLVED, RESOLVED), status(ACK), CASE, rules), INCIDENT) == OPEN


def test_a_case_found_reopened_and_acknowledged_is_told_and_followed_as_far_as_it_goes() -> None:
    decision = decide(link(CLOSED, OPEN), status(ACK), CASE, RULES)
    assert wants(decision, INCIDENT) == ACK
    assert len(texts(decision, INCIDENT)) == 1


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
    assert texts(decision, INCIDENT) == ["Ann Ito (case): Late thought."]


def test_a_reopening_on_its_way_stays_one_when_the_incident_is_unacknowledged_before_it_is_sent() -> None:
    """Its errand is asked what it was, should it come to nothing: an unacknowledge alone would reopen no case."""
    state = link(RESOLVED).saw(INCIDENT, Field.STATUS, ACK, at(1)).want(CASE, Field.STATUS, Wish(ACK, RESOLVED, ANN))
    decision = decide(state, status(OPEN, 5), INCIDENT, ruled(Policy(unacknowledged=Unacknowledged.IGNORE)))
    assert wants(decision, CASE) == OPEN
    assert [draft.change for draft in decision.drafts] == [Verb.REOPEN]
