"""Status and priority are wishes: the value is taken when the turn comes, and the record is read before it is written."""

from __future__ import annotations

from syncd import errors
from syncd.core.changes import Field, Side, Status
from tests.flow.world import LANDED, World


def test_a_wish_re_aimed_before_it_was_sent_is_one_write(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.in_step().status == Status.RESOLVED
    assert linked.case.writes() == ["set_status"]
    assert linked.said() == [("acknowledge", "suppressed", "superseded"), ("resolve", "applied", "changed")]


def test_a_wish_that_arose_while_another_was_out_is_a_second_write(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    (job,) = linked.claim()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.settle(linked.attempt(job))
    linked.drain()
    assert [call.value for call in linked.case.calls if call.op == "set_status"] == ["acknowledged", "resolved"]
    assert linked.in_step().status == Status.RESOLVED


def test_a_failed_attempt_gives_way_to_the_newer_wish(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    (job,) = linked.claim()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.case.fail("set_status", errors.Ambiguous("No answer."))
    linked.settle(linked.attempt(job))
    linked.drain()
    assert linked.case.record("C-1").status == Status.OPEN  # Not before the first write can no longer land.
    linked.wait(LANDED)
    assert linked.in_step().status == Status.RESOLVED
    assert linked.states()[-2:] == [("status", "withdrawn"), ("status", "delivered")]


def test_a_resolved_incident_is_never_acknowledged(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)  # Its hook is still under way.
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    assert "set_status" not in linked.incident.writes()
    assert linked.in_step().status == Status.RESOLVED


def test_what_the_far_side_says_already_is_not_written(linked: World) -> None:
    linked.incident.set("I-1", Field.STATUS, Status.RESOLVED)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.incident.writes() == []
    assert ("resolve", "suppressed", "in_step") in linked.said()


def test_priority_set_on_both_sides_at_once_is_the_incidents(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.drain()
    assert linked.case.record("C-1").priority == "P4"
    assert linked.incident.record("I-1").priority == "MIDDLE"
    assert linked.incident.writes() == []


def test_a_priority_that_maps_to_the_same_is_not_written(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    linked.drain()
    linked.forget()
    linked.act(Side.CASE, "C-1", Field.PRIORITY, "P2")
    linked.drain()
    assert linked.incident.writes() == []
    assert linked.said() == [("priority", "suppressed", "in_step")]


def test_a_priority_without_a_counterpart_leaves_a_row(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "URGENT")
    linked.drain()
    assert linked.said() == [("priority", "ignored", "not_mapped")]


def test_a_resolve_does_not_wait_behind_a_note_that_cannot_be_posted(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("No connection."), times=100)
    linked.comment(Side.CASE, "C-1", "Nobody can read this.")
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.incident.record("I-1").status == Status.OPEN  # After one failure the note still goes first.
    linked.wait(3)
    assert linked.in_step().status == Status.RESOLVED
    assert linked.incident.texts("I-1") == []
    passed = [row for row in linked.rows() if row["reason"] == "passed"]
    assert [(row["change"], row["outcome"], row["attempt"]) for row in passed] == [("comment", "retrying", 2)]
    assert linked.states()[-2:] == [("note", "waiting"), ("status", "delivered")]


def test_a_refused_write_is_dead_and_the_lane_goes_on(linked: World) -> None:
    linked.incident.fail("add_note", errors.Refused("It is too long.", status=400))
    linked.comment(Side.CASE, "C-1", "first")
    linked.comment(Side.CASE, "C-1", "second")
    linked.drain()
    assert linked.incident.texts("I-1") == ["Ana (case): second"]
    assert linked.said() == [("comment", "failed", "refused"), ("comment", "applied", "noted")]


def test_the_refusal_of_an_older_value_does_not_withdraw_the_newer_one(linked: World) -> None:
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "HIGH")
    linked.plan()
    (job,) = linked.claim()
    linked.case.fail("set_priority", errors.Refused("Not now.", status=400))
    done = linked.attempt(job)
    linked.clock.forward(2)
    linked.act(Side.INCIDENT, "I-1", Field.PRIORITY, "MIDDLE")
    linked.plan()
    linked.settle(done)
    linked.drain()
    assert linked.case.record("C-1").priority == "P4"


def test_a_resolve_does_not_wait_behind_the_notes_that_wait_for_one_that_cannot_be_posted(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("The connection was refused."), times=2)
    for text in ("one", "two", "three"):
        linked.comment(Side.CASE, "C-1", text)
    linked.drain()
    linked.wait(60)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    assert linked.incident.record("I-1").status == Status.RESOLVED
    assert linked.incident.texts("I-1") == []
    assert [row["reason"] for row in linked.rows()].count("passed") == 3
    linked.wait(7200)
    assert linked.incident.texts("I-1") == ["Ana (case): one", "Ana (case): two", "Ana (case): three"]


def test_of_a_note_that_failed_and_a_status_that_may_pass_it_the_status_goes_out_first(linked: World) -> None:
    linked.incident.fail("add_note", errors.Unreachable("The connection was refused."), times=2)
    linked.incident.fail("fetch", errors.Unreachable("The connection was refused."))
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    linked.wait(60)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.forget()
    linked.wait(7200)
    assert linked.incident.writes() == ["set_status", "add_note"]
