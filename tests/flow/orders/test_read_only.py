"""An account whose key was given for reading: what would be written there is told, and nothing is dead-lettered."""

from __future__ import annotations

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.store import integrations
from syncd.store.integrations import Agreed
from tests.flow.far_side import READS
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")


def only_read(world: World) -> World:
    with world.db.write() as tx:
        agreed = Agreed("Ana", is_two_way=True, is_read_only=True)
        integrations.agree(tx, PAGERDUTY, agreed, world.db.now(tx))
    kept = world.connections._systems[PAGERDUTY]
    world.connections._systems[PAGERDUTY] = ((None, "", {}, True), kept[1])
    return world


@pytest.fixture
def read_only(linked: World) -> World:
    return only_read(linked)


def test_what_would_be_written_has_a_row_and_is_not_sent(read_only: World) -> None:
    read_only.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    read_only.comment(Side.CASE, "C-1", "Looking")
    read_only.drain()
    assert read_only.said() == [("acknowledge", "ignored", "read_only"), ("comment", "ignored", "read_only")]
    assert {call.op for call in read_only.incident.calls} <= READS
    assert {state for _, state in read_only.states()} <= {"delivered", "withdrawn"}


def test_no_incident_is_opened(world: World) -> None:
    only_read(world).ask_for_incident()
    world.drain()
    assert ("open", "ignored", "read_only") in world.said()
    assert world.link().link.state == "ended"


def test_what_people_do_there_still_changes_the_case(read_only: World) -> None:
    read_only.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    read_only.drain()
    assert read_only.case.record("C-1").status == Status.RESOLVED
