"""Two changes of one moment, and the record that tells which of them came last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from syncd.core.beside import decide_beside
from syncd.core.changes import Actor, Field, FieldSeen, Record, Status
from syncd.core.decide import decide
from syncd.core.decision import Decision
from syncd.core.link import Link, Wish
from syncd.core.reasons import Reason

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
    record,
    status,
    texts,
    wants,
)

AT = 5.2  # within the second that is known


def _known(value: str, case: str = OPEN) -> Link:
    return link(case, value).saw(INCIDENT, Field.STATUS, value, at(5))


def _says(value: Status, merged_into: str = "") -> Record:
    return replace(record(value, 5), merged_into=merged_into)


def test_the_record_agrees_with_the_hook() -> None:
    decision = decide_beside(_known(OPEN), status(ACK, AT), INCIDENT, _says(ACK), RULES)
    assert wants(decision, CASE) == ACK


def test_the_record_agrees_with_what_was_known() -> None:
    decision = decide_beside(_known(RESOLVED, RESOLVED), status(ACK, AT), INCIDENT, _says(RESOLVED), RULES)
    assert decision.reason is Reason.UNCHANGED
    assert not decision.drafts


def test_the_record_is_further_than_both() -> None:
    decision = decide_beside(_known(OPEN), status(ACK, AT), INCIDENT, _says(RESOLVED), RULES)
    assert wants(decision, CASE) == RESOLVED


def test_a_record_that_only_looks_resolved_says_nothing_so_the_event_is_believed() -> None:
    decision = decide_beside(_known(OPEN), status(ACK, AT), INCIDENT, _says(RESOLVED, merged_into="I-9"), RULES)
    assert wants(decision, CASE) == ACK
    assert decision.link.value(INCIDENT, Field.STATUS) == ACK


def test_a_merge_that_is_known_stays_known() -> None:
    merged = _known(OPEN).saw(INCIDENT, Field.MERGED_INTO, "I-9", at(5))
    decision = decide_beside(merged, status(ACK, AT), INCIDENT, _says(RESOLVED, merged_into="I-9"), RULES)
    assert decision.reason is Reason.STALE
    assert not decision.link.wanted
    assert decision.link.value(INCIDENT, Field.MERGED_INTO) == "I-9"


def test_a_merge_is_said_also_when_it_is_undone_by_the_time_the_record_is_read() -> None:
    seen = FieldSeen(Field.MERGED_INTO, "I-9", ANN, at(4.9))
    known = link(OPEN, OPEN).saw(INCIDENT, Field.STATUS, OPEN, at(4))
    decision = decide_beside(known, seen, INCIDENT, _says(OPEN), RULES)
    (text,) = texts(decision, CASE)
    assert "merged the incident into I-9" in text
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)


def test_a_closed_case_is_told_of_the_event_and_the_record_that_did_not_move_is_believed() -> None:
    decision = decide_beside(_known(RESOLVED, CLOSED), status(ACK, AT), INCIDENT, _says(RESOLVED), RULES)
    assert len(texts(decision, CASE)) == 1
    assert decision.link.value(INCIDENT, Field.STATUS) == RESOLVED


def test_a_closed_case_is_told_by_name_of_what_came_after_the_event() -> None:
    """The hook of what the record says now is still to come: reading ahead of it would tell of it without a name."""
    seen = decide_beside(_known(OPEN, CLOSED), status(ACK, AT), INCIDENT, _says(RESOLVED), RULES)
    then = decide(seen.link, status(RESOLVED, AT + 0.1), INCIDENT, RULES)
    said = [*texts(seen, CASE), *texts(then, CASE)]
    assert [text.split(". ")[0] for text in said] == [
        "Ann Ito (PagerDuty) acknowledged the incident",
        "Ann Ito (PagerDuty) resolved the incident",
    ]


def test_a_second_merge_undone_before_the_record_is_read_is_said_and_not_believed() -> None:
    known = _known(OPEN).saw(INCIDENT, Field.MERGED_INTO, "", at(5))
    seen = FieldSeen(Field.MERGED_INTO, "I-9", ANN, at(AT))
    decision = decide_beside(known, seen, INCIDENT, _says(OPEN), RULES)
    assert len(texts(decision, CASE)) == 1
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)


def _merged_and(value: str, case: str = OPEN) -> Link:
    return _known(value, case).saw(INCIDENT, Field.MERGED_INTO, "I-9", at(5))


def test_a_merged_incident_was_reopened_and_moved_on_and_says_again_what_was_known() -> None:
    acknowledged = status(ACK, AT, is_reopening=True)
    decision = decide_beside(_merged_and(OPEN, RESOLVED), acknowledged, INCIDENT, _says(OPEN), RULES)
    assert wants(decision, CASE) == OPEN
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)


def test_a_merged_incident_was_reopened_in_the_second_that_was_known() -> None:
    reopened = status(OPEN, AT, is_reopening=True)
    decision = decide_beside(_merged_and(OPEN, RESOLVED), reopened, INCIDENT, _says(OPEN), RULES)
    assert wants(decision, CASE) == OPEN


def test_a_merged_incident_was_reopened_and_resolved_by_the_time_its_record_is_read() -> None:
    reopened = status(ACK, AT, is_reopening=True)
    decision = decide_beside(_merged_and(RESOLVED), reopened, INCIDENT, _says(RESOLVED), RULES)
    assert wants(decision, CASE) == RESOLVED
    assert not decision.link.value(INCIDENT, Field.MERGED_INTO)


def test_what_is_being_put_back_was_heard_of_and_is_not_waited_for() -> None:
    """A write of ours has undone D, which the record says again; the hook of what stood before both comes last."""
    amends = Wish("D", "C", ANN, is_amends=True)
    undone = link(CLOSED).saw(INCIDENT, Field.PRIORITY, "C", at(5)).want(INCIDENT, Field.PRIORITY, amends)
    decision = decide_beside(undone, priority("A", AT), INCIDENT, replace(record(when=5), priority="D"), RULES)
    assert len(texts(decision, CASE)) == 1
    assert (decision.link.value(INCIDENT, Field.PRIORITY), decision.link.wanted) == ("C", undone.wanted)


def _reopened_by_us(by: Mapping[Field, Actor]) -> Decision:
    """Its hook is older than what was read of the record since."""
    known = link(ACK, ACK).saw(INCIDENT, Field.STATUS, ACK, at(60))
    seen = status(ACK, AT, US, is_reopening=True)
    assert decide(known, seen, INCIDENT, RULES).needs_look
    return decide_beside(known, seen, INCIDENT, replace(record(ACK, 60), by=by), RULES)


def test_a_reopening_of_ours_that_stands_is_resolved_again() -> None:
    assert wants(_reopened_by_us({}), INCIDENT) == RESOLVED


def test_a_reopening_of_ours_after_which_a_person_moved_the_incident_is_left_to_that_person() -> None:
    decision = _reopened_by_us({Field.STATUS: ANN})
    assert (decision.drafts, decision.link.wanted, decision.reason) == ((), {}, Reason.UNCHANGED)


def test_what_a_person_made_of_a_reopening_of_ours_is_news_where_neither_was_heard_of() -> None:
    """Of one second, so that the order of the resolve that we know and the reopening cannot be told."""
    ours = status(ACK, AT, US, is_reopening=True)
    theirs = replace(_says(ACK), by={Field.STATUS: ANN})
    decision = decide_beside(_known(RESOLVED, RESOLVED), ours, INCIDENT, theirs, RULES)
    assert (wants(decision, CASE), wants(decision, INCIDENT)) == (ACK, None)
