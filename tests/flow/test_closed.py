"""A closed case keeps its state, and its incident is otherwise untouched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.core.changes import Field, FieldSeen, Side, Status
from tests.flow.far_side import ANA, TICK
from tests.flow.world import World

SAID = "Ana (PagerDuty) resolved the incident. The case is closed, so its status stays."
FINAL = "Ana closed case C-1. PagerDuty has no closed state: the incident stays open."


def test_a_priority_that_waited_while_the_case_was_closed_becomes_a_comment(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    linked.plan()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    assert linked.case.record("C-1").priority == "P3"
    assert linked.case.texts("C-1") == [
        "Ana (PagerDuty) set the incident's priority to P1. The case is closed, so its priority stays."
    ]
    assert ("priority", "ignored", "case_closed") in linked.said()


def test_a_resolve_that_waited_while_the_case_was_closed_becomes_a_comment(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.plan()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    assert linked.case.record("C-1").status == Status.CLOSED
    assert linked.case.texts("C-1") == [SAID]
    assert linked.case.writes() == ["add_note"]
    assert ("resolve", "ignored", "case_closed") in linked.said()


def test_a_case_closed_while_we_were_about_to_write_gets_a_comment(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.case.meanwhile["fetch"] = lambda: linked.case.set("C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    assert linked.case.record("C-1").status == Status.CLOSED
    assert linked.case.texts("C-1") == [SAID]


def test_what_comes_after_the_close_becomes_a_comment_too(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    linked.comment(Side.INCIDENT, "I-1", "Good night.")
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.case.record("C-1").status == Status.CLOSED
    assert linked.case.texts("C-1") == ["Good night.", SAID]


def test_an_incident_still_open_hears_once_that_its_case_was_closed(linked: World) -> None:
    closed = linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.tell(Side.CASE, "C-1", closed)
    linked.drain()
    assert linked.incident.texts("I-1") == [FINAL]
    assert linked.incident.record("I-1").status == Status.OPEN
    assert linked.incident.writes() == ["add_note"]


def test_changes_before_the_close_go_first(linked: World) -> None:
    linked.comment(Side.CASE, "C-1", "Mended.")
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.plan()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    assert linked.incident.record("I-1").status == Status.RESOLVED
    assert linked.incident.texts("I-1") == ["Ana (case): Mended."]
    assert linked.said()[-1] == ("close", "suppressed", "not_needed")


def test_an_incident_already_resolved_hears_nothing_of_the_close(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    assert linked.incident.texts("I-1") == []
    assert ("close", "suppressed", "not_needed") in linked.said()


def test_comments_of_a_closed_case_go_on_crossing(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.comment(Side.CASE, "C-1", "For the record.")
    linked.drain()
    assert linked.incident.texts("I-1") == [FINAL, "Ana (case): For the record."]


def test_a_resolution_note_typed_before_or_after_the_resolve_fills_the_field(world: World) -> None:
    for number, is_first in ((1, True), (2, False)):
        case, incident = f"C-{number}", f"I-{number}"
        world.ask_for_incident(case)
        world.drain()
        note = world.incident.note(incident, "Resolution Note: the cache was cold")
        typed = FieldSeen(
            Field.RESOLUTION_NOTE, "the cache was cold", ANA, note.at, note_id=note.note_id, text=note.text
        )
        resolved = world.incident.set(incident, Field.STATUS, Status.RESOLVED)
        for seen in (typed, resolved) if is_first else (resolved, typed):
            world.tell(Side.INCIDENT, incident, seen)
            world.drain()
        assert world.case.record(case).resolution_note == "the cache was cold"
        assert world.in_step(case).status == Status.RESOLVED
        assert world.case.texts(case) == []


def test_a_merge_is_no_resolve(linked: World) -> None:
    linked.clock.forward(2)  # Later than what the link was opened with, so that the hook needs no look.
    merged = FieldSeen(Field.MERGED_INTO, "I-9", ANA, linked.clock.now())
    linked.tell(Side.INCIDENT, "I-1", merged)
    linked.drain()
    assert linked.case.record("C-1").status == Status.OPEN
    assert linked.case.texts("C-1") == [
        "Ana (PagerDuty) merged the incident into I-9. That is not a resolve: the case keeps its status."
    ]
    assert ("merge", "ignored", "merged") in linked.said()


def test_an_event_that_the_record_has_left_behind_is_told_to_a_closed_case_and_the_record_is_believed(
    linked: World,
) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    whole = linked.clock.now().replace(microsecond=0) + timedelta(seconds=60)  # As answers have it.
    linked.clock.at = whole - timedelta(seconds=TICK)
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    linked.clock.forward(0.2)
    passed = linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.tell(Side.INCIDENT, "I-1", replace(passed, is_reopening=False))
    linked.drain()
    assert linked.case.texts("C-1")[1:] == [
        "Ana (PagerDuty) acknowledged the incident. The case is closed, so its status stays."
    ]
    assert linked.link().link.value(Side.INCIDENT, Field.STATUS) == Status.RESOLVED
