"""What an answer leaves behind: what is known, what is still wanted, and what it told besides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core import wording
from syncd.core.answered import Answer, Settled, answered, differences, opened, refused
from syncd.core.changes import Field, Record, Side, Status, Verb
from syncd.core.decide import decide
from syncd.core.errand import ErrandKind
from syncd.core.link import Link, LinkState, Wish
from syncd.core.policy import CaseReopened, Policy
from syncd.core.reasons import Outcome, Reason
from syncd.core.weigh import Verdict

from .links import (
    ACK,
    ANN,
    CASE,
    CLOSED,
    INCIDENT,
    OPEN,
    RESOLVED,
    RULES,
    at,
    errand,
    link,
    priority,
    record,
    ruled,
    status,
)

ASKED = Wish(ACK, OPEN, ANN)


def _acknowledging(now: Link | None = None) -> Link:
    return (now or link(ACK)).want(INCIDENT, Field.STATUS, ASKED)


def _settled(now: Link, says: Record | None, verdict: Verdict = Verdict.WRITE, asked: Wish = ASKED) -> Settled:
    return answered(now, errand(INCIDENT), asked, Answer(verdict, says), RULES)


def test_a_write_that_was_made_is_believed_and_asked_no_more() -> None:
    settled = _settled(_acknowledging(), record(ACK))
    assert (settled.outcome, settled.reason) == (Outcome.APPLIED, Reason.CHANGED)
    assert settled.link.known[INCIDENT, Field.STATUS].value == ACK
    assert not settled.link.wanted
    assert not settled.drafts


def test_an_answer_without_a_record_is_believed_too() -> None:
    assert _settled(_acknowledging(), None).link.value(INCIDENT, Field.STATUS) == ACK


def test_what_was_so_already_is_suppressed() -> None:
    assert _settled(_acknowledging(), record(ACK), Verdict.ALREADY).reason is Reason.IN_STEP


def test_a_wish_aimed_anew_meanwhile_stays_and_starts_from_what_was_written() -> None:
    aimed = decide(_acknowledging(), status(RESOLVED), CASE, RULES).link
    settled = _settled(aimed, record(ACK))
    wish = settled.link.wanted[INCIDENT, Field.STATUS]
    assert (wish.value, wish.base) == (RESOLVED, ACK)


def test_an_incident_found_resolved_is_not_acknowledged_and_its_case_follows_it() -> None:
    settled = _settled(_acknowledging(), record(RESOLVED), Verdict.KEEP)
    assert settled.reason is Reason.OVERRULED
    assert settled.link.wanted[CASE, Field.STATUS].value == RESOLVED


def test_an_incident_known_to_be_resolved_is_not_reopened_by_an_acknowledge() -> None:
    settled = _settled(_acknowledging(link(ACK, RESOLVED)), record(RESOLVED), Verdict.WOULD_REOPEN)
    assert settled.reason is Reason.WOULD_REOPEN
    assert not settled.link.wanted


def test_overruled_in_flight_by_a_resolve_it_is_put_back_noted_and_sounded() -> None:
    crossed = decide(_acknowledging(), status(RESOLVED, 5), INCIDENT, RULES).link
    settled = _settled(crossed, record(ACK, 7))
    amends = settled.link.wanted[INCIDENT, Field.STATUS]
    assert (amends.value, amends.base, amends.is_amends) == (RESOLVED, ACK, True)
    done = answered(settled.link, errand(INCIDENT), amends, Answer(Verdict.WRITE, record(RESOLVED, 8)), RULES)
    assert done.is_alarming
    assert [draft.text for draft in done.drafts] == [wording.reopened_by_us()]


def test_a_reopening_is_noted_once_whether_its_hook_or_its_answer_tells_first() -> None:
    crossed = decide(_acknowledging(), status(RESOLVED, 5), INCIDENT, RULES).link
    amending = _settled(crossed, record(ACK, 7))
    asked = amending.link.wanted[INCIDENT, Field.STATUS]
    heard = decide(amending.link, status(ACK, 7.2, by=replace(ANN, is_us=True), is_reopening=True), INCIDENT, RULES)
    done = answered(heard.link, errand(INCIDENT), asked, Answer(Verdict.WRITE, record(RESOLVED, 8)), RULES)
    said = [draft.text for draft in (*amending.drafts, *heard.drafts, *done.drafts)]
    assert said.count(wording.reopened_by_us()) == 1


def test_overruled_in_flight_by_a_priority_set_before_our_write_landed_it_is_put_back() -> None:
    asked = Wish("B", "A", ANN)
    overruled = decide(link().want(INCIDENT, Field.PRIORITY, asked), priority("D", 5), INCIDENT, RULES).link
    answer = Answer(Verdict.WRITE, record(there="B", when=7))
    settled = answered(overruled, errand(INCIDENT, Field.PRIORITY), asked, answer, RULES)
    assert settled.link.wanted[INCIDENT, Field.PRIORITY] == Wish("D", "B", ANN, is_amends=True)
    later = Answer(Verdict.WRITE, record(there="B", when=3))
    assert not answered(overruled, errand(INCIDENT, Field.PRIORITY), asked, later, RULES).drafts


@pytest.mark.parametrize("case", [OPEN, CLOSED])
def test_what_a_person_changed_and_changed_back_is_put_back_when_our_write_lands_on_it(case: Status) -> None:
    asked = Wish("B", "A", ANN)
    away = decide(link(case).want(INCIDENT, Field.PRIORITY, asked), priority("D", 5), INCIDENT, RULES).link
    back = decide(away, priority("A", 6), INCIDENT, RULES).link
    settled = answered(
        back, errand(INCIDENT, Field.PRIORITY), asked, Answer(Verdict.WRITE, record(there="B", when=7)), RULES
    )
    assert settled.link.wanted[INCIDENT, Field.PRIORITY] == Wish("A", "B", ANN, is_amends=True)


def test_an_acknowledge_that_lands_on_an_incident_resolved_and_reopened_meanwhile_takes_its_case_along() -> None:
    """The case has followed the resolve and is on its way back to open: nobody would tell it of the acknowledge."""
    resolved = decide(_acknowledging(), status(RESOLVED, 5), INCIDENT, RULES).link.saw(
        CASE, Field.STATUS, RESOLVED, at(6)
    )
    reopened = decide(resolved, status(OPEN, 7, is_reopening=True), INCIDENT, RULES).link
    settled = _settled(reopened, record(ACK, 9))
    assert settled.link.value(INCIDENT, Field.STATUS) == ACK
    assert settled.link.wanted[CASE, Field.STATUS].value == ACK


def test_an_acknowledge_that_lands_on_a_resolved_case_is_put_back_once_its_resolve_is_on_its_way_after_all() -> None:
    """It was only observed when the acknowledge was decided upon, and was decided anew while that was under way."""
    asked = Wish(ACK, RESOLVED, ANN)
    on_its_way = link(RESOLVED, ACK).want(INCIDENT, Field.STATUS, Wish(RESOLVED, ACK, ANN))
    landed = Answer(Verdict.WRITE, record(ACK, 9))
    settled = answered(on_its_way, errand(CASE), asked, landed, RULES)
    assert settled.link.wanted[CASE, Field.STATUS] == Wish(RESOLVED, ACK, ANN, is_amends=True)
    assert settled.link.wanted[INCIDENT, Field.STATUS].value == RESOLVED
    followed = answered(link(RESOLVED, ACK), errand(CASE), asked, landed, RULES)
    assert not followed.drafts, "where nothing else is on its way the acknowledge stands"


@pytest.mark.parametrize("doubtful", [False, True])
def test_what_was_so_already_without_a_write_of_ours_is_a_persons_and_is_not_undone(doubtful: bool) -> None:
    asked = Wish("B", "A", ANN)
    overruled = decide(link().want(INCIDENT, Field.PRIORITY, asked), priority("D", 5), INCIDENT, RULES).link
    already = Answer(Verdict.ALREADY, record(there="B", when=7))
    settled = answered(overruled, errand(INCIDENT, Field.PRIORITY, doubtful=doubtful), asked, already, RULES)
    assert ((INCIDENT, Field.PRIORITY) in settled.link.wanted) is doubtful
    assert (settled.link.wanted[CASE, Field.PRIORITY].value == "P2") is not doubtful


def test_whether_what_was_so_already_came_after_what_is_known_is_looked_at() -> None:
    asked = Wish("B", "A", ANN)
    overruled = decide(link().want(INCIDENT, Field.PRIORITY, asked), priority("D", 5.4), INCIDENT, RULES).link
    already = Answer(Verdict.ALREADY, record(there="B", when=5))
    settled = answered(overruled, errand(INCIDENT, Field.PRIORITY), asked, already, RULES)
    assert settled.needs_look
    assert settled.link == overruled


def test_a_reopening_that_overtook_the_answer_of_our_resolve_is_news() -> None:
    resolving = decide(link(), status(RESOLVED), CASE, RULES).link
    asked = resolving.wanted[INCIDENT, Field.STATUS]
    reopened = decide(resolving, status(OPEN, 9, is_reopening=True), INCIDENT, RULES).link
    settled = answered(reopened, errand(INCIDENT), asked, Answer(Verdict.WRITE, record(RESOLVED, 7)), RULES)
    assert settled.link.wanted[CASE, Field.STATUS].value == OPEN
    assert (INCIDENT, Field.STATUS) not in settled.link.wanted


def test_a_hook_of_the_same_second_as_the_answer_asks_for_a_look() -> None:
    overtaken = decide(_acknowledging(), status(OPEN, 7.4), INCIDENT, RULES).link
    assert _settled(overtaken, record(ACK, 7)).needs_look


def test_an_answer_that_is_not_what_was_asked_is_news() -> None:
    asked = Wish(RESOLVED, OPEN, ANN)
    resolving = link(RESOLVED).want(INCIDENT, Field.STATUS, asked)
    settled = answered(resolving, errand(INCIDENT), asked, Answer(Verdict.WRITE, record(OPEN, 7)), RULES)
    assert settled.link.wanted[CASE, Field.STATUS].value == OPEN


def test_everything_else_the_record_says_is_news() -> None:
    settled = _settled(_acknowledging(), record(ACK, there="B"))
    assert settled.link.wanted[CASE, Field.PRIORITY].value == "P2"
    assert [draft.kind for draft in settled.drafts] == [ErrandKind.PRIORITY]


def test_a_verdict_from_a_record_that_is_old_by_now_is_tried_again() -> None:
    now = _acknowledging().saw(INCIDENT, Field.STATUS, OPEN, at(9))
    settled = _settled(now, record(RESOLVED, 6), Verdict.KEEP)
    assert settled.link.wanted[INCIDENT, Field.STATUS] == ASKED
    assert [draft.kind for draft in settled.drafts] == [ErrandKind.STATUS]


def test_a_verdict_on_an_earlier_wish_for_the_same_does_not_end_the_later_one() -> None:
    """While the write was under way the incident's priority won, and then a newer one of the case asked for the same."""
    asked = Wish("D", "A", ANN)
    now = link(there="B").saw(INCIDENT, Field.PRIORITY, "B", at(6)).want(INCIDENT, Field.PRIORITY, Wish("D", "B", ANN))
    settled = answered(
        now, errand(INCIDENT, Field.PRIORITY), asked, Answer(Verdict.KEEP, record(there="B", when=6)), RULES
    )
    assert settled.link.wanted == now.wanted
    assert [(draft.kind, draft.is_after_a_look) for draft in settled.drafts] == [(ErrandKind.PRIORITY, False)]


def test_a_case_found_closed_takes_a_comment_instead() -> None:
    asked = Wish("P2", "P1", ANN)
    now = link().want(CASE, Field.PRIORITY, asked)
    says = Record("CS-1", CLOSED, "P1", "", at=at(7))
    settled = answered(now, errand(CASE, Field.PRIORITY), asked, Answer(Verdict.KEEP, says), RULES)
    assert settled.reason is Reason.CASE_CLOSED
    assert not settled.link.wanted
    assert "The case is closed, so its priority stays" in settled.drafts[0].text


def test_a_resolution_note_that_met_another_is_said_beside_it() -> None:
    asked = Wish("theirs", "", ANN)
    now = link().want(CASE, Field.RESOLUTION_NOTE, asked)
    says = Record("CS-1", OPEN, "P1", "mine", at=at(7))
    settled = answered(now, errand(CASE, Field.RESOLUTION_NOTE), asked, Answer(Verdict.KEEP, says), RULES)
    texts = {draft.side: draft.text for draft in settled.drafts}
    assert texts[CASE] == "Ann Ito (PagerDuty): Resolution Note: theirs"
    assert texts[INCIDENT] == "Resolution Note: mine"


def test_resolving_a_merged_incident_is_done_and_leaves_a_later_resolve_to_be_news() -> None:
    asked = Wish(RESOLVED, OPEN, ANN)
    resolving = link(RESOLVED).want(INCIDENT, Field.STATUS, asked)
    settled = answered(
        resolving, errand(INCIDENT), asked, Answer(Verdict.ALREADY, record(RESOLVED, merged_into="Q9")), RULES
    )
    assert not settled.link.wanted
    assert settled.link.value(INCIDENT, Field.STATUS) == OPEN


def test_a_merge_that_was_read_before_the_incident_was_reopened_ends_no_resolve() -> None:
    """The reopening was overruled by that resolve, and the merge itself was never believed."""
    asked = Wish(RESOLVED, OPEN, ANN)
    reopened = link(RESOLVED).saw(INCIDENT, Field.STATUS, OPEN, at(7)).want(INCIDENT, Field.STATUS, asked)
    read_before = Answer(Verdict.ALREADY, record(RESOLVED, 6, merged_into="Q9"))
    settled = answered(reopened, errand(INCIDENT), asked, read_before, RULES)
    assert settled.link.wanted[INCIDENT, Field.STATUS] == asked
    again, told = settled.drafts
    assert (again.side, again.kind, again.is_after_a_look) == (INCIDENT, ErrandKind.STATUS, True)
    assert (told.side, told.change) == (CASE, Verb.MERGE)


def test_reopened_for_a_case_that_is_acknowledged_by_now_it_is_acknowledged_next() -> None:
    asked = Wish(OPEN, RESOLVED, ANN)
    reopening = link(ACK, RESOLVED).want(INCIDENT, Field.STATUS, asked)
    rules = ruled(Policy(case_reopened=CaseReopened.REOPEN))
    settled = answered(reopening, errand(INCIDENT), asked, Answer(Verdict.WRITE, record(OPEN, 7)), rules)
    assert settled.link.wanted[INCIDENT, Field.STATUS].value == ACK
    assert [draft.change for draft in settled.drafts] == [Verb.ACKNOWLEDGE]


def test_a_note_that_was_posted_changes_nothing_we_believe() -> None:
    settled = answered(link(), errand(INCIDENT, ErrandKind.NOTE), None, Answer(Verdict.WRITE, note_id="n1"), RULES)
    assert (settled.link, settled.outcome, settled.reason) == (link(), Outcome.APPLIED, Reason.NOTED)


# Refused.


def test_a_refusal_takes_the_wish_back_and_the_record_is_news() -> None:
    settled = refused(_acknowledging(), errand(INCIDENT), RULES, record(there="B"), ASKED)
    assert (INCIDENT, Field.STATUS) not in settled.link.wanted
    assert settled.link.wanted[CASE, Field.PRIORITY].value == "P2"
    assert (settled.outcome, settled.reason) == (Outcome.FAILED, Reason.REFUSED)


def test_a_refusal_leaves_a_wish_that_was_aimed_anew() -> None:
    aimed = decide(_acknowledging(), status(RESOLVED), CASE, RULES).link
    settled = refused(aimed, errand(INCIDENT), RULES, None, ASKED)
    assert settled.link.wanted[INCIDENT, Field.STATUS].value == RESOLVED


# Opened.


def _opening(case: str = OPEN) -> Link:
    start = Link("1", "cases", "CS-1", "pagerduty", state=LinkState.OPENING)
    return start.saw(CASE, Field.STATUS, case, at(0)).saw(CASE, Field.PRIORITY, "P1", at(0))


def test_an_opened_incident_is_linked_and_shown_on_the_case() -> None:
    settled = opened(_opening(), replace(record(), url="https://there.test/Q1"), RULES)
    assert (settled.link.state, settled.link.incident_id) == (LinkState.OPEN, "Q1")
    assert [(draft.kind, draft.text) for draft in settled.drafts] == [(ErrandKind.LINK, "https://there.test/Q1")]


def test_what_people_did_to_an_incident_opened_by_an_earlier_attempt_is_news() -> None:
    settled = opened(_opening(), record(ACK, there="B"), RULES)
    assert settled.link.wanted[CASE, Field.STATUS].value == ACK
    assert settled.link.wanted[CASE, Field.PRIORITY].value == "P2"


def test_a_priority_changed_on_the_case_while_it_was_opened_is_not_taken_back() -> None:
    changed = decide(_opening(), priority("P2"), CASE, RULES).link
    settled = opened(changed, record(there="A"), RULES)
    wish = settled.link.wanted[INCIDENT, Field.PRIORITY]
    assert (wish.value, wish.base) == ("B", "A")
    assert (CASE, Field.PRIORITY) not in settled.link.wanted


@pytest.mark.parametrize("state", [LinkState.OPENING, LinkState.FAILED])
def test_a_priority_changed_on_a_closed_case_before_its_incident_is_known_to_exist_is_not_taken_back(
    state: LinkState,
) -> None:
    """Found by the random tests: an attempt whose answer was lost had opened it with what the case had said before."""
    closed = replace(_opening(CLOSED), state=state)
    changed = decide(closed, priority("P2"), CASE, RULES).link
    settled = opened(decide(changed, status(OPEN, 6), CASE, RULES).link, record(there="A"), RULES)
    assert settled.link.wanted[INCIDENT, Field.PRIORITY].value == "B"
    assert (CASE, Field.PRIORITY) not in settled.link.wanted


def test_a_priority_without_a_counterpart_given_to_the_case_while_it_was_opened_stands() -> None:
    """Found by seed 10585: what the incident was opened with came back as if somebody had set it there."""
    changed = decide(_opening(), priority("P9"), CASE, RULES).link
    settled = opened(changed, record(there="A"), RULES)
    assert not settled.link.wanted
    assert settled.link.value(INCIDENT, Field.PRIORITY) == "A"


# Differences.


def test_a_record_that_says_what_we_know_tells_nothing() -> None:
    assert differences(link(), INCIDENT, record()) == ()


def test_a_merged_incident_is_only_merged() -> None:
    seen = differences(link(), INCIDENT, record(RESOLVED, merged_into="Q9"))
    assert [one.field for one in seen] == [Field.MERGED_INTO]


def test_an_incident_no_longer_merged_has_come_back() -> None:
    merged = link().saw(INCIDENT, Field.MERGED_INTO, "Q9", at(1))
    (seen,) = differences(merged, INCIDENT, record(OPEN), is_certain=True)
    assert (seen.field, seen.is_reopening) == (Field.STATUS, True)


def test_an_incident_merged_reopened_and_really_resolved_unheard_of_resolves_its_case() -> None:
    merged = link(OPEN, RESOLVED).saw(INCIDENT, Field.MERGED_INTO, "Q9", at(1))
    (seen,) = differences(merged, INCIDENT, record(RESOLVED), is_certain=True)
    decision = decide(merged, seen, INCIDENT, RULES)
    assert decision.link.wanted[CASE, Field.STATUS].value == RESOLVED
    assert not differences(decision.link, INCIDENT, record(RESOLVED), is_certain=True)


@pytest.mark.parametrize(("value", "last"), [(CLOSED, Field.STATUS), (RESOLVED, Field.PRIORITY)])
def test_what_is_found_together_with_the_closing_was_done_before_it(value: str, last: Field) -> None:
    assert differences(link(), CASE, record(value, there="P2"))[-1].field is last  # type: ignore[arg-type]  # A table of two kinds.


def test_a_system_without_the_field_tells_nothing_of_it() -> None:
    side: Side = INCIDENT
    assert all(seen.field is not Field.RESOLUTION_NOTE for seen in differences(link(), side, record(note=None)))
