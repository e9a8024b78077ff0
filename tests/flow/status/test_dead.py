"""What was refused for good is told until somebody has dealt with it, and no longer."""

from __future__ import annotations

import pytest

from syncd.core.changes import Field, Side, Status
from syncd.flow.orders import parking, replaying
from tests.flow.status.told import NO, NOBODY_ON_CALL, seen, whats
from tests.flow.world import World


def test_a_refused_change_is_a_finding(linked: World) -> None:
    linked.incident.fail("add_note", NO, times=2)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    assert whats(seen(linked)) == ["1 change was refused for good."]
    linked.comment(Side.CASE, "C-1", "two")
    linked.drain()
    found = seen(linked)
    assert whats(found) == ["2 changes were refused for good."]
    assert found.errands["dead"] == 2
    assert found.oldest_unsynced is None, "what is dead waits no more"


@pytest.mark.parametrize("is_parked", [True, False])
def test_what_was_refused_is_told_no_more_once_somebody_has_dealt_with_it(linked: World, is_parked: bool) -> None:
    linked.incident.fail("add_note", NO)
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    number = int(linked.last()["id"])
    assert (seen(linked).errands["dead"], whats(seen(linked))) == (1, ["1 change was refused for good."])
    if is_parked:
        parking.park(linked.db, [number], by="Ben", why="told by phone")
    else:
        replaying.replay(linked.db, linked.connections, [number], by="Ben")
        linked.drain()
    assert (seen(linked).errands["dead"], whats(seen(linked))) == (0, [])


def test_a_replay_that_finds_nothing_left_to_do_has_dealt_with_it(linked: World) -> None:
    linked.incident.fail("set_status", NO)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    number = int(linked.last()["id"])
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.drain()
    foreseen = replaying.foresee(linked.db, linked.connections, [number], by="Ben")
    assert seen(linked).errands["dead"] == 1, "shown only"
    answers, _ = replaying.replay(linked.db, linked.connections, [number], by="Ben")
    assert answers == foreseen
    assert [(one.is_going, one.says) for one in answers] == [(False, "The other side already says the same.")]
    assert (seen(linked).errands["dead"], whats(seen(linked))) == (0, [])


def test_a_replay_that_cannot_go_before_another_has_dealt_with_nothing(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    opening = int(world.last()["id"])
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    replaying.replay(world.db, world.connections, [opening], by="Ben")
    assert seen(world).errands["dead"] == 1
