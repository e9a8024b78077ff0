"""A write of ours that crossed a resolve has reopened the incident; what is done about it depends on what people did since."""

from __future__ import annotations

from dataclasses import replace

from syncd.core.changes import Actor, Field, FieldSeen, Side, Status
from syncd.flow.orders import replaying
from tests.flow.far_side import US
from tests.flow.world import World

BEN = Actor("Ben")


def _reopened(world: World) -> FieldSeen:
    """Its hook has not come yet."""
    world.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    world.drain()
    world.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    world.drain()
    return world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, US)


def _worked_on(world: World) -> None:
    for value in (Status.OPEN, Status.ACKNOWLEDGED):
        world.wait(600)
        world.act(Side.INCIDENT, "I-1", Field.STATUS, value, BEN)
        world.drain()
    world.wait(2400)


def _hear(world: World, late: FieldSeen) -> None:
    world.tell(Side.INCIDENT, "I-1", late)
    world.drain()
    world.wait(60)


def test_the_late_hook_of_it_resolves_no_incident_that_people_work_on_by_now(linked: World) -> None:
    late = _reopened(linked)
    _worked_on(linked)
    _hear(linked, late)
    assert linked.said()[-1] == ("acknowledge", "suppressed", "stale")
    assert linked.in_step().status is Status.ACKNOWLEDGED


def test_nor_does_the_replay_of_its_row(linked: World) -> None:
    _hear(linked, _reopened(linked))
    assert linked.in_step().status is Status.RESOLVED
    (row,) = [one for one in linked.rows() if one["reason"] == "reopened_by_us" and one["errand_id"] is None]
    _worked_on(linked)
    replaying.replay(linked.db, linked.connections, [row["id"]], by="Eve")
    linked.drain()
    linked.wait(60)
    assert linked.in_step().status is Status.ACKNOWLEDGED


def test_the_record_tells_whether_people_moved_it_since_when_no_hook_did(linked: World) -> None:
    """It was read since, and its time is that of any change."""
    linked.incident.names_people = True
    late = _reopened(linked)
    _read_in_whole_seconds(linked, BEN)
    _hear(linked, late)
    assert linked.incident.record("I-1").status is Status.ACKNOWLEDGED


def test_a_reopening_that_was_read_before_its_hook_came_is_resolved_again(linked: World) -> None:
    late = _reopened(linked)
    _read_in_whole_seconds(linked, US)
    _hear(linked, late)
    assert linked.in_step().status is Status.RESOLVED


def _read_in_whole_seconds(world: World, by: Actor) -> None:
    world.wait(600)
    world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, by)
    kept = world.incident.kept["I-1"]
    assert kept.record.at is not None
    kept.record = replace(kept.record, at=kept.record.at.replace(microsecond=0))
    world.point_at(Side.INCIDENT, "I-1")
    world.drain()
