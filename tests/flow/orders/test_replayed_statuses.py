"""A status that came to nothing, decided anew: what was kept back is not lost, and what was told is not told again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.orders import replaying, restraint
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")
REFUSED = errors.Refused("The far side says no.", status=400)


def _replay(world: World, *numbers: int) -> None:
    replaying.replay(world.db, world.connections, numbers, by="Eve")
    world.drain()


def _observe(world: World) -> None:
    restraint.observe(world.db, PAGERDUTY, by="Ana")


def _write_again(world: World) -> None:
    restraint.write_again(world.db, PAGERDUTY, by="Ana")


def _pause(world: World) -> None:
    restraint.pause(world.db, PAGERDUTY, by="Ana", why="a move")


def _resume(world: World) -> None:
    restraint.resume(world.db, PAGERDUTY, by="Ana")


def _refuse(world: World) -> None:
    world.incident.fail("set_status", REFUSED)


def _replay_the_resolve(world: World) -> None:
    _replay(world, *(row["id"] for row in world.rows() if (row["change"], row["outcome"]) == ("resolve", "failed")))


KEPT_BACK = [(_pause, _resume), (_observe, _write_again), (_refuse, _replay_the_resolve)]


def _resolved_and_closed(world: World, *between: Status) -> None:
    for status in (Status.RESOLVED, *between, Status.CLOSED):
        world.act(Side.CASE, "C-1", Field.STATUS, status)
        world.drain()


@pytest.mark.parametrize(("keep_back", "let_go"), KEPT_BACK)
def test_a_resolve_that_was_kept_back_is_made_though_its_case_was_closed_since(
    linked: World, keep_back: Callable[[World], None], let_go: Callable[[World], None]
) -> None:
    keep_back(linked)
    _resolved_and_closed(linked)
    let_go(linked)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.RESOLVED
    is_told_of_the_closing = keep_back is _refuse  # It was still open when that note's turn came.
    assert len(linked.incident.texts("I-1")) == is_told_of_the_closing


@pytest.mark.parametrize(("keep_back", "let_go"), KEPT_BACK)
def test_a_resolve_that_was_taken_back_before_its_case_was_closed_is_not_made(
    linked: World, keep_back: Callable[[World], None], let_go: Callable[[World], None]
) -> None:
    """A closing alone resolves no incident."""
    keep_back(linked)
    _resolved_and_closed(linked, Status.OPEN)
    let_go(linked)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.OPEN


def test_a_resolve_of_both_is_not_made_once_more_over_people_who_have_reopened_the_incident(linked: World) -> None:
    _refuse(linked)
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    for status in (Status.RESOLVED, Status.OPEN):
        linked.act(Side.INCIDENT, "I-1", Field.STATUS, status, BEN)
        linked.drain()
    _replay_the_resolve(linked)
    linked.wait(60)
    assert linked.incident.record("I-1").status is Status.OPEN


def test_the_old_hook_of_a_case_that_is_closed_by_now_tells_it_nothing_however_often_it_is_replayed(
    linked: World,
) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED)
    linked.plan()
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    linked.drain()
    (row,) = [one for one in linked.rows() if one["errand_id"] is None and one["change"] == "acknowledge"]
    assert row["outcome"] == "suppressed"
    linked.wait(3600)
    linked.act(Side.INCIDENT, "I-1", Field.STATUS, Status.RESOLVED, BEN)
    linked.drain()
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.CLOSED)
    linked.drain()
    before = linked.case.texts("C-1")
    for _ in range(2):
        linked.wait(60)
        _replay(linked, row["id"])
        assert linked.said()[-1][1:] == ("suppressed", "stale")
    assert linked.case.texts("C-1") == before
