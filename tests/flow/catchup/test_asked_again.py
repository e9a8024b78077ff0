"""A look that is put off, and another that is asked for before it has come to its end: nothing is lost, and nothing asked twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from syncd import errors
from syncd.core.changes import Actor, Field, Side, Status
from syncd.flow.catchup import reconcile, unheard
from syncd.store.tables import arrivals
from tests.flow.catcher import Catcher, open_incidents
from tests.flow.world import PAGERDUTY, World

BEN = Actor("Ben")
AWAY = errors.Unreachable("The connection was refused.")


def _asked_for(world: World) -> list[str]:
    """The records that looks had read, each as often as it was asked for."""
    with world.db.read() as tx:
        return sorted(tx.scalars(select(arrivals.c.record).where(arrivals.c.reconcile_id.is_not(None))))


def _put_off_in_the_middle(world: World, catcher: Catcher, since: datetime, *, is_deep: bool = False) -> None:
    """At the second page of what has changed."""

    def at_the_next() -> None:
        world.incident.meanwhile["changed"] = lambda: world.incident.fail("changed", AWAY)

    world.incident.meanwhile["changed"] = at_the_next
    catcher.ask(since, is_deep=is_deep)
    assert reconcile.work(catcher.worker)
    world.drain()
    assert (catcher.last()["state"], catcher.last()["cursor"]) == ("waiting", "2")


def _all_noted(world: World) -> Sequence[str]:
    """So that the list of what has changed has three pages."""
    refs = open_incidents(world, 6)
    for ref in refs:
        world.incident.note(ref, "seen", BEN)
    return refs


def test_one_that_is_asked_for_while_another_stands_in_the_middle_of_its_list_misses_nothing(
    world: World, catcher: Catcher
) -> None:
    first, *_ = _all_noted(world)
    _put_off_in_the_middle(world, catcher, world.clock.now() - timedelta(minutes=5))
    world.clock.forward(3600)
    world.incident.note(first, "mended", BEN)
    catcher.catch_up(world.clock.now() - timedelta(minutes=5))
    assert catcher.last()["state"] == "done"
    assert [world.case.texts(f"C-{number}") for number in (1, 6)] == [["seen", "mended"], ["seen"]]


def test_a_deep_one_that_is_asked_for_while_another_stands_in_the_middle_reads_every_record(
    world: World, catcher: Catcher
) -> None:
    first, *_ = _all_noted(world)
    _put_off_in_the_middle(world, catcher, world.clock.now() - timedelta(minutes=5))
    world.clock.forward(3600)
    notes = world.incident.kept[first].notes  # An edit: neither a hook nor a list tells of it.
    notes[0] = replace(notes[0], text="seen and edited")
    assert catcher.catch_up(world.clock.now(), is_deep=True)["state"] == "done"
    assert len(world.case.texts("C-1")) == 2


def test_a_deep_one_that_takes_more_than_a_day_is_not_made_to_begin_anew(world: World, catcher: Catcher) -> None:
    _all_noted(world)
    _put_off_in_the_middle(world, catcher, world.clock.now() - timedelta(minutes=5), is_deep=True)
    with world.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some WHERE slug = 'pagerduty'"), {"some": b"x"})
    world.clock.forward(timedelta(days=2))
    unheard.ask_where_due(world.db)
    assert (catcher.last()["cursor"], catcher.last()["integration"]) == ("2", PAGERDUTY)


@pytest.mark.parametrize("is_deep", [True, False])
def test_while_the_list_cannot_be_read_each_record_is_asked_for_once(
    world: World, catcher: Catcher, *, is_deep: bool
) -> None:
    """Those that are read meanwhile, and those that are not."""
    refs = open_incidents(world, 3)
    for ref in refs:
        world.incident.set(ref, Field.STATUS, Status.RESOLVED, BEN)
    world.incident.fail("changed", AWAY, times=20)
    catcher.ask(world.clock.now() - timedelta(days=1), is_deep=is_deep)
    for turn in range(20):
        assert reconcile.work(catcher.worker)
        if turn == 10:
            world.drain()
        world.clock.forward(60)
    assert _asked_for(world) == sorted(refs)
    assert reconcile.work(catcher.worker)
    assert catcher.last()["state"] == "done"


def test_a_record_that_waits_to_be_read_is_not_asked_for_by_the_next_look_as_well(
    world: World, catcher: Catcher
) -> None:
    refs = open_incidents(world, 3)
    for _ in range(3):
        catcher.ask(world.clock.now(), is_deep=True)
        assert reconcile.work(catcher.worker)
    assert _asked_for(world) == sorted(refs)
    world.drain()
    catcher.catch_up(world.clock.now(), is_deep=True)
    assert _asked_for(world) == sorted(refs * 2)


def test_nor_is_one_whose_reading_failed_and_is_to_be_tried_later(world: World, catcher: Catcher) -> None:
    (ref,) = open_incidents(world, 1)
    world.incident.fail("fetch", AWAY, times=60)
    for _ in range(30):
        catcher.catch_up(world.clock.now(), is_deep=True)
        world.wait(60)
    assert len(_asked_for(world)) < 10
    assert set(_asked_for(world)) == {ref}


def test_a_reading_that_is_under_way_does_not_speak_for_what_a_later_look_finds(world: World, catcher: Catcher) -> None:
    (ref,) = open_incidents(world, 1)
    since = world.clock.now()
    found: list[int] = []

    def another_looks() -> None:
        """This reading has begun; the page that shows the note is read after it."""
        world.incident.note(ref, "said meanwhile", BEN)
        catcher.ask(since)
        assert reconcile.work(catcher.worker)
        found.append(catcher.last()["found"])

    catcher.ask(since, is_deep=True)
    assert reconcile.work(catcher.worker)
    world.incident.meanwhile["notes"] = another_looks
    world.drain()
    assert found == [1]
    assert world.case.texts("C-1") == ["said meanwhile"]
    assert world.link().link.ref(Side.INCIDENT) == ref
