"""A note that is replayed stands once over there, whatever became of its first errand and whenever its hook comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd import errors
from syncd.core.changes import Field, NoteSeen, Side, Status
from syncd.flow.orders import parking, replaying, restraint
from tests.flow.far_side import US
from tests.flow.world import LANDED, PAGERDUTY, World

LOST = errors.Ambiguous("The connection was cut.")
REFUSED = errors.Refused("The credential may not read notes.", status=403)
NOBODY_ON_CALL = errors.Refused("Nobody is on call for this service.", reason="nobody_on_call", status=400, code=1015)
WORDS = "Ana (case): one"


def _replay(world: World, number: int) -> replaying.Answer:
    (answer,), _ = replaying.replay(world.db, world.connections, [number], by="Ben")
    world.drain()
    return answer


def _last(world: World) -> int:
    return int(world.last()["id"])


def _landed_unanswered(world: World) -> int:
    world.incident.fail("add_note", LOST, lands=True)
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    return _last(world)


def _hook_of_it(world: World) -> None:
    note = world.incident.kept["I-1"].notes[0]
    world.tell(Side.INCIDENT, "I-1", NoteSeen(note.id, note.text, US, note.at))
    world.drain()


def _parked(world: World) -> int:
    number = _landed_unanswered(world)
    parking.park(world.db, [number], by="Ben", why="we told them by phone")
    return number


def _refused_while_it_was_looked_for(world: World) -> int:
    _landed_unanswered(world)
    world.incident.fail("notes", REFUSED)
    world.wait(LANDED)
    assert world.last()["outcome"] == "failed"
    return _last(world)


@pytest.mark.parametrize("ended", [_parked, _refused_while_it_was_looked_for])
def test_one_whose_hook_came_before_the_replay_was_done(linked: World, ended: Callable[[World], int]) -> None:
    number = ended(linked)
    _hook_of_it(linked)
    answer = _replay(linked, number)
    linked.wait(LANDED)
    assert (answer.is_going, answer.says) == (False, "It was done; nothing is left to do.")
    assert linked.incident.texts("I-1") == [WORDS]


@pytest.mark.parametrize("ended", [_parked, _refused_while_it_was_looked_for])
def test_one_whose_hook_comes_after_the_replay_is_that_of_the_replay(
    linked: World, ended: Callable[[World], int]
) -> None:
    assert _replay(linked, ended(linked)).is_going
    _hook_of_it(linked)
    linked.wait(LANDED)
    assert linked.incident.texts("I-1") == [WORDS]
    assert linked.case.texts("C-1") == ["one"]


def test_one_that_was_put_aside_with_its_opening_is_replayed_once(world: World) -> None:
    world.incident.fail("open", NOBODY_ON_CALL)
    world.ask_for_incident()
    world.drain()
    opening = next(int(row["id"]) for row in world.rows() if row["outcome"] == "failed")
    parking.park(world.db, [opening], by="Ben", why="nobody needs it")
    world.comment(Side.CASE, "C-1", "one")
    world.drain()
    aside = _last(world)
    assert world.last()["reason"] == "parked"
    _replay(world, opening)
    assert [_replay(world, aside).says for _ in range(2)][1] == "It was replayed before."
    assert world.incident.texts("I-1") == [WORDS]


@pytest.mark.parametrize("which", [0, 1])
def test_one_that_was_held_and_then_only_observed_is_replayed_by_either_of_its_rows(linked: World, which: int) -> None:
    restraint.observe(linked.db, PAGERDUTY, by="Ana")
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    linked.comment(Side.CASE, "C-1", "one")
    linked.drain()
    restraint.resume(linked.db, PAGERDUTY, by="Ana")
    linked.drain()
    assert linked.said() == [("comment", "held", "paused"), ("comment", "ignored", "observing")]
    numbers = [int(row["id"]) for row in linked.rows()][-2:]
    restraint.write_again(linked.db, PAGERDUTY, by="Ana")
    linked.sweep()
    assert _replay(linked, numbers[which]).is_going
    assert linked.incident.texts("I-1") == [WORDS]
    assert not _replay(linked, numbers[1 - which]).is_going
    assert linked.incident.texts("I-1") == [WORDS]


@pytest.mark.parametrize("which", [0, 1])
def test_one_that_was_held_and_then_had_nothing_left_to_do_is_replayed_by_neither_of_its_rows(
    linked: World, which: int
) -> None:
    """A closing is told only to an incident that is open still."""
    restraint.pause(linked.db, PAGERDUTY, by="Ana", why="a move")
    for status in (Status.RESOLVED, Status.CLOSED):
        linked.act(Side.CASE, "C-1", Field.STATUS, status)
        linked.drain()
    restraint.resume(linked.db, PAGERDUTY, by="Ana")
    linked.drain()
    numbers = [int(row["id"]) for row in linked.rows() if row["action"] == "closing_note"]
    assert _replay(linked, numbers[which]).says == "Nothing was left to do when its turn came."
