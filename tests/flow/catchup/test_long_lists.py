"""Lists of many pages: followed to their end, or left where reading each record costs less, and nothing is missed by either."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.catchup import reconcile
from tests.flow.catcher import Catcher, open_incidents
from tests.flow.world import World

BEN = Actor("Ben")


def test_a_list_that_costs_more_than_its_records_is_not_followed(
    world: World, catcher: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", world.incident.page)  # as many as its lists show
    (one,) = open_incidents(world, 1)
    for number in range(20):
        world.incident.put(f"J-{number}")
    world.incident.set(one, Field.STATUS, Status.ACKNOWLEDGED)
    catcher.catch_up(world.clock.now() - timedelta(minutes=5))
    assert [call.op for call in world.incident.calls] == ["standing", "changed", "fetch", "notes"]
    assert world.in_step("C-1").status == Status.ACKNOWLEDGED


@pytest.mark.parametrize("is_long", [False, True], ids=["a short log", "a long log"])
@pytest.mark.parametrize("is_deep", [False, True], ids=["look", "deep look"])
def test_what_befell_an_incident_that_was_over_is_found_however_long_the_log_is(
    world: World, catcher: Catcher, monkeypatch: pytest.MonkeyPatch, *, is_deep: bool, is_long: bool
) -> None:
    monkeypatch.setattr(reconcile, "PAGE", world.incident.page)
    one, _ = open_incidents(world, 2)
    world.act(Side.CASE, "C-1", Field.STATUS, Status.RESOLVED)
    world.drain()
    world.wait(600)
    since = world.clock.now()
    world.clock.forward(60)
    world.incident.note(one, "it was the cache", BEN)
    world.incident.set(one, Field.STATUS, Status.OPEN, BEN)
    for number in range(20 if is_long else 0):
        world.incident.put(f"J-{number}")
        world.incident.set(f"J-{number}", Field.STATUS, Status.RESOLVED)
    catcher.catch_up(since, is_deep=is_deep)
    assert world.case.texts("C-1") == ["it was the cache"]
    world.in_step("C-1")


def test_an_incident_that_is_open_no_more_is_read_where_the_list_of_open_ones_has_many_pages(
    world: World, catcher: Catcher
) -> None:
    """PagerDuty counts them on the first page only."""
    one, *_ = open_incidents(world, 2 * world.incident.page + 1)
    world.incident.set(one, Field.STATUS, Status.RESOLVED)
    world.clock.forward(timedelta(hours=1))
    catcher.catch_up(world.clock.now())
    assert world.in_step("C-1").status == Status.RESOLVED
