"""Many hooks at once that cannot speak for themselves: few calls, and nobody else waits for them."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event

from syncd import errors
from syncd.core.changes import Field, Side, Status
from syncd.core.shard import SHARDS
from tests.flow.test_ahead import trimmed
from tests.flow.world import World, work

FLOOD = 600


@pytest.fixture
def flooded(linked: World) -> World:
    for _ in range(FLOOD):
        linked.point_at(Side.INCIDENT, "I-1")
    return linked


def test_a_flood_costs_a_few_calls_and_a_row_for_each_hook(flooded: World) -> None:
    flooded.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    flooded.drain()
    assert len(flooded.incident.calls) < FLOOD / 20
    assert len(flooded.said()) == FLOOD
    assert flooded.case.record("C-1").status == Status.ACKNOWLEDGED


def test_a_flood_about_one_record_is_set_aside_in_a_few_statements(flooded: World) -> None:
    updates = []

    def note(*given: object) -> None:
        updates.append(str(given[2]).startswith("UPDATE arrivals"))

    event.listen(flooded.db.engine, "before_cursor_execute", note)
    flooded.drain()
    event.remove(flooded.db.engine, "before_cursor_execute", note)
    assert sum(updates) < FLOOD / 8


def test_another_record_does_not_wait_for_the_end_of_a_flood(flooded: World) -> None:
    flooded.ask_for_incident("C-2")
    flooded.incident.stuck = threading.Event()
    flooded.crew.wake(range(SHARDS))
    turns = 0
    while [one for one in flooded.incident.kept if one != "I-1"] == [] and turns < FLOOD:
        flooded.crew.turn()
        turns += 1
        if flooded.crew.is_out and not flooded.crew.wait(0.0):
            flooded.incident.stuck.set()
            assert flooded.crew.wait(60)
    assert turns < FLOOD / 8


@pytest.mark.parametrize(
    "error", [errors.Unreachable("No answer."), errors.RateLimited("Slow down.", retry_after=30.0, status=429)]
)
def test_a_record_that_cannot_be_read_is_not_asked_for_by_each_hook(linked: World, error: errors.SideError) -> None:
    linked.incident.fail("fetch", error)
    for number in range(20):
        trimmed(linked, f"{number} {'x' * 3000}")
    linked.comment(Side.INCIDENT, "I-1", "short")
    linked.drain()
    assert [call.op for call in linked.incident.calls] == ["fetch"]
    assert linked.case.texts("C-1") == ["short"]
    said = [row for row in linked.rows() if row["action"] == "look"]
    assert {row["outcome"] for row in said} == {"retrying"}
    assert len({row["next_attempt_at"] for row in said}) == 1
    linked.wait(said[0]["next_attempt_at"] - linked.clock.now())
    assert [call.op for call in linked.incident.calls] == ["fetch", "fetch", "notes"]
    assert [text.split()[0] for text in linked.case.texts("C-1")] == ["short", *map(str, range(20))]


def test_an_account_known_to_refuse_us_is_not_asked(linked: World) -> None:
    for op in ("fetch", "check"):
        linked.incident.fail(op, errors.Unauthorised("The key is not accepted.", status=401))
    linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    asked = len(linked.incident.calls)
    linked.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED)
    for _ in range(5):
        linked.point_at(Side.INCIDENT, "I-1")
    linked.drain()
    assert len(linked.incident.calls) == asked
    assert linked.said()[-1] == ("event", "held", "disconnected")
    linked.wait(61)
    assert linked.case.record("C-1").status == Status.ACKNOWLEDGED


def test_two_workers_share_a_flood(flooded: World) -> None:
    other = flooded.new_crew()
    work(other, range(SHARDS))
    flooded.drain()
    other.close(0)
    assert len(flooded.said()) == FLOOD
