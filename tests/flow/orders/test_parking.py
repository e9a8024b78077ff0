"""An opening that may have landed is put aside and looked for once more, so that no incident pages people unknown to us."""

from __future__ import annotations

import pytest

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.core.link import LinkState
from syncd.flow.orders import parking, pausing, replaying
from syncd.flow.orders.replaying import Answer
from syncd.flow.status.condition import condition
from tests.flow.world import LANDED, World

BEN = Actor("Ben")
LOST = errors.Ambiguous("The connection was cut.")
REFUSED = errors.Refused("The list is not to be read.", status=400)


def _opening(world: World, *, lands: bool) -> int:
    """It got no answer; its delivery."""
    world.incident.fail("open", LOST, lands=lands)
    world.ask_for_incident()
    world.drain()
    return int(world.last()["id"])


def _park(world: World, number: int) -> int:
    return parking.park(world.db, [number], by="Eve", why="nobody needs it")


def _replay(world: World, number: int) -> Answer:
    ((answer,), _) = replaying.replay(world.db, world.connections, [number], by="Eve")
    world.drain()
    return answer


def test_one_that_is_there_is_linked_and_kept_in_step(world: World) -> None:
    number = _opening(world, lands=True)
    assert _park(world, number) == 1
    assert world.last()["detail"].startswith("Parked by Eve: nobody needs it (It may have been opened already")
    world.incident.set("I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    world.wait(LANDED)
    assert (world.link().link.incident_id, world.link().reason) == ("I-1", "")
    assert world.in_step().status is Status.ACKNOWLEDGED
    assert ("open", "applied", "changed") in world.said()
    assert world.incident.writes() == ["open"]


def test_one_that_is_not_there_is_not_opened(world: World) -> None:
    number = _opening(world, lands=False)
    _park(world, number)
    world.wait(LANDED)
    world.wait(3600)
    assert (world.incident.writes(), world.incident.kept) == (["open"], {})
    assert (world.link().link.state, world.link().reason) == (LinkState.ENDED, "Parked by Eve: nobody needs it")
    assert world.said()[-1] == ("open", "parked", "parked")
    assert world.states() == [("open", "dead")]
    assert [one.what for one in condition(world.db).findings if "running" not in one.what] == []


def test_it_is_looked_for_until_somebody_answers(world: World) -> None:
    number = _opening(world, lands=True)
    _park(world, number)
    world.incident.fail("find", errors.Unreachable("The connection was refused."))
    world.wait(LANDED)
    assert world.link().link.state is LinkState.OPENING
    world.wait(3600)
    assert world.link().link.incident_id == "I-1"
    assert world.incident.writes() == ["open"]


def test_one_that_cannot_be_looked_for_ends_as_one_of_which_nobody_knows(world: World) -> None:
    number = _opening(world, lands=True)
    _park(world, number)
    world.incident.fail("find", REFUSED)
    world.wait(LANDED)
    assert world.link().link.state is LinkState.ENDED
    assert world.last()["detail"] == "Whether it was opened is not known: The list is not to be read."
    assert world.case.texts("C-1") == []


def test_one_that_a_pause_holds_is_looked_for_after_it(world: World) -> None:
    number = _opening(world, lands=False)
    pausing.pause(world.db, world.link().id, by="Eve")
    _park(world, number)
    world.wait(LANDED)
    assert world.link().link.state is LinkState.OPENING
    pausing.resume(world.db, world.link().id, by="Eve")
    world.drain()
    assert (world.link().link.state, world.incident.writes()) == (LinkState.ENDED, ["open"])


@pytest.mark.parametrize("lands", [True, False])
def test_what_waits_behind_it_shares_its_fate(world: World, *, lands: bool) -> None:
    number = _opening(world, lands=lands)
    world.comment(Side.CASE, "C-1", "one")
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    _park(world, number)
    world.wait(LANDED)
    if lands:
        assert world.in_step().status is Status.RESOLVED
        assert world.incident.texts("I-1") == ["Ana (case): one"]
    else:
        assert world.link().link.wanted == {}
        assert {state for _, state in world.states()} == {"dead", "withdrawn"}


def test_parking_it_twice_is_no_harm(world: World) -> None:
    number = _opening(world, lands=False)
    assert [_park(world, number), _park(world, number)] == [1, 0]


def test_it_can_be_replayed_once_it_was_looked_for(world: World) -> None:
    number = _opening(world, lands=False)
    _park(world, number)
    answer = _replay(world, number)
    assert (answer.is_going, answer.says[:40]) == (False, "It was put aside, and is still being loo")
    world.wait(LANDED)
    assert _replay(world, number).is_going
    assert world.link().link.incident_id == "I-1"


def test_one_that_surely_did_not_land_is_put_aside_at_once(world: World) -> None:
    world.incident.fail("open", errors.Unreachable("The connection was refused."))
    world.ask_for_incident()
    world.drain()
    _park(world, int(world.last()["id"]))
    assert world.link().link.state is LinkState.ENDED
    world.forget()
    world.wait(3600)
    assert world.incident.calls == []
