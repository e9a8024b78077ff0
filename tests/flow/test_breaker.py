"""Two automations that undo each other end after a number of writes, and people who are busy are never stopped."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from syncd.core.changes import Actor, Field, Side
from syncd.core.shard import SHARDS
from syncd.flow.orders import pausing
from syncd.flow.plan import plan
from syncd.flow.status.condition import condition
from syncd.flow.turn import Most
from syncd.store import arrivals, links
from tests.flow.catcher import Catcher
from tests.flow.world import World

BEN = Actor("Ben")
ROBOT = Actor("Robot")
MOST = Most()


@pytest.fixture
def logged() -> Iterator[list[Any]]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with capture_logs() as seen:
        yield seen


def _undo_each_other(world: World, rounds: int) -> int:
    """An automation on each side wants its own priority back at once; how often it had to."""
    flips = 0
    world.act(Side.CASE, "C-1", Field.PRIORITY, "P1", ROBOT)
    for _ in range(rounds):
        world.drain()
        if world.incident.record("I-1").priority == "HIGH":
            world.act(Side.INCIDENT, "I-1", Field.PRIORITY, "LOW", ROBOT)
        elif world.case.record("C-1").priority == "P3":
            world.act(Side.CASE, "C-1", Field.PRIORITY, "P1", ROBOT)
        else:
            return flips
        flips += 1
    return flips


def _why(world: World) -> str:
    with world.db.read() as tx:
        (row,) = links.about(tx, str(world.link().id))
    return str(row["pause_reason"])


def test_two_automations_end_after_so_many_writes_with_one_alarm(linked: World, logged: list[Any]) -> None:
    flips = _undo_each_other(linked, 100)
    assert flips < 100
    assert linked.incident.writes() == ["set_priority"] * MOST.changes
    assert linked.link().link.is_paused
    assert _why(linked) == (
        "Paused by syncd: 11 writes of priority to the incident in a minute; do two automations undo each other?"
    )
    stopped = [row for row in linked.rows() if row["reason"] == "looping"]
    assert [(row["outcome"], row["detail"]) for row in stopped] == [("held", _why(linked))]
    alarms = [one for one in logged if one["log_level"] == "error"]
    assert [(one["event"], one["reason"]) for one in alarms] == [("link.alarmed", "looping")]
    linked.wait(3600)
    assert len([one for one in logged if one["log_level"] == "error"]) == 1
    assert len(linked.incident.writes()) == MOST.changes


def test_status_says_that_it_is_paused_and_a_person_lets_it_go_on(linked: World) -> None:
    _undo_each_other(linked, 100)
    findings = [one for one in condition(linked.db).findings if "Link" in one.what]
    assert [one.what for one in findings] == [f"Link {linked.link().id}: {_why(linked)} (1 change is held for it)."]
    linked.forget()
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.drain()
    assert linked.incident.writes() == ["set_priority"], "also within the same minute"
    assert not linked.link().link.is_paused


def test_a_loop_that_goes_on_after_a_resume_is_stopped_anew(linked: World) -> None:
    _undo_each_other(linked, 100)
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.forget()
    _undo_each_other(linked, 100)
    assert linked.link().link.is_paused
    assert len(linked.incident.writes()) <= MOST.changes + 1


def test_a_person_who_changes_a_priority_five_times_a_minute_is_not_stopped(linked: World) -> None:
    for _ in range(10):
        for priority in ("P1", "P3", "P4", "P1", "P3"):
            linked.act(Side.CASE, "C-1", Field.PRIORITY, priority)
            linked.drain()
            linked.clock.forward(12)
    assert len(linked.incident.writes()) == 50
    assert not linked.link().link.is_paused


def test_another_link_and_another_field_go_on(linked: World) -> None:
    linked.ask_for_incident("C-2")
    linked.drain()
    for number in range(MOST.changes):
        linked.act(Side.CASE, "C-1", Field.PRIORITY, "P1" if number % 2 else "P4")
        linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, "acknowledged")
    linked.act(Side.CASE, "C-2", Field.PRIORITY, "P1")
    linked.drain()
    assert linked.incident.record("I-1").status == "acknowledged"
    assert linked.incident.record("I-2").priority == "HIGH"
    assert not linked.link().link.is_paused


def test_notes_have_a_limit_of_their_own(linked: World) -> None:
    for number in range(MOST.notes + 3):
        linked.comment(Side.CASE, "C-1", f"note {number}")
        linked.drain()
    assert len(linked.incident.texts("I-1")) == MOST.notes
    assert _why(linked).startswith("Paused by syncd: 61 notes to the incident in a minute")
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.drain()
    assert len(linked.incident.texts("I-1")) == MOST.notes + 3


def test_what_a_paused_link_has_kept_is_no_loop(linked: World) -> None:
    pausing.pause(linked.db, linked.link().id, by="Ana")
    for number in range(MOST.notes + 3):
        linked.comment(Side.CASE, "C-1", f"note {number}")
    linked.drain()
    pausing.resume(linked.db, linked.link().id, by="Ana")
    linked.drain()
    assert len(linked.incident.texts("I-1")) == MOST.notes + 3


def test_notes_of_three_days_that_a_look_finds_at_once_are_no_loop(linked: World) -> None:
    since = linked.clock.now()
    for number in range(MOST.notes + 10):
        linked.incident.note("I-1", f"note {number}", BEN)
        linked.clock.forward(3600)
    Catcher(linked).catch_up(since)
    linked.wait(60)
    assert not linked.link().link.is_paused
    assert len(linked.case.texts("C-1")) == MOST.notes + 10


def test_nor_are_those_that_a_hook_finds_which_says_no_more_than_look(linked: World) -> None:
    for number in range(MOST.notes + 10):
        linked.incident.note("I-1", f"note {number}", BEN)
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert not linked.link().link.is_paused
    assert len(linked.case.texts("C-1")) == MOST.notes + 10


def test_hooks_of_three_days_without_a_worker_are_no_loop(linked: World) -> None:
    for number in range(MOST.notes + 10):
        linked.comment(Side.INCIDENT, "I-1", f"note {number}", BEN)
        linked.clock.forward(3600)
    linked.drain()
    linked.wait(60)
    assert not linked.link().link.is_paused
    assert len(linked.case.texts("C-1")) == MOST.notes + 10


def test_nor_are_priorities_of_that_time_each_of_which_is_written(linked: World) -> None:
    priorities = ("P1", "P4") * MOST.changes
    for priority in priorities:
        linked.act(Side.CASE, "C-1", Field.PRIORITY, priority)
        linked.clock.forward(3600)
    for _ in priorities:
        _plan_one(linked)
        linked.settle(*[linked.attempt(job) for job in linked.claim()])
    assert linked.incident.writes() == ["set_priority"] * len(priorities)
    assert not linked.link().link.is_paused


def _plan_one(world: World) -> None:
    """As a turn does whose hooks are mostly about other records."""
    with world.turn() as turn:
        due = arrivals.due(turn.tx, range(SHARDS), turn.now, 1)
        world.crew._hold(turn, due, ())
        for arrival in due:
            plan(turn, arrival)
