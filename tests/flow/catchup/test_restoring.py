"""A backup was restored: what was done in the time that it does not know is not done again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from syncd.core import wording
from syncd.core.changes import NOBODY, Actor, Fate, Field, Side, Status, Verb
from syncd.flow.catchup import reconcile, restoring
from syncd.flow.orders import restraint
from syncd.store import reconciles
from tests.flow.far_side import US
from tests.flow.world import CASES, LANDED, PAGERDUTY, World

BEN = Actor("Ben")


@pytest.fixture
def sealed(linked: World) -> World:
    """Accounts outside, as those with a credential are: they can change unheard, and a backup forgets of them."""
    with linked.db.write() as tx:
        tx.execute(text("UPDATE integrations SET sealed = :some"), {"some": b"x"})
    for side in Side:
        linked.connections._systems[linked.slug(side)] = ((b"x", "", {}), linked.side(side))
    return linked


def _catch_up(world: World) -> None:
    worker = reconcile.Worker(world.db, world.connections, world.clock, world.crew.wake, lambda _: False)
    for _ in range(20):
        if not reconcile.work(worker):
            break
    world.drain()
    world.wait(0)


def _restore(world: World, since: datetime) -> None:
    """So much later than the daemon that was lost did its last."""
    world.clock.forward(3000)
    restoring.restored(world.db, by="Eve", since=since)


def _look_in_full(world: World) -> None:
    with world.db.write() as tx:
        now = world.db.now(tx)
        reconciles.ask(tx, PAGERDUTY, now - timedelta(hours=2), why="asked", by="", now=now, is_deep=True)
    _catch_up(world)


def test_a_note_under_way_in_the_backup_is_not_looked_for_before_its_last_try_has_landed(sealed: World) -> None:
    since = sealed.clock.now()
    sealed.comment(Side.CASE, "C-1", "one")
    sealed.plan()
    sealed.claim()  # The backup is made in this moment.
    _restore(sealed, since)
    _catch_up(sealed)
    for seconds in (5, 5, 10):
        sealed.wait(seconds)
    # The daemon that ran until the restore had tried it once more at its end; that lands 20 s later.
    sealed.incident.note("I-1", "Ana (case): one", US)
    for _ in range(5):
        sealed.wait(LANDED)
    assert sealed.incident.texts("I-1") == ["Ana (case): one"]


def test_what_was_said_instead_of_a_waiting_write_is_not_said_again(sealed: World) -> None:
    """In the backup an acknowledge for the case waits; then the case was closed, and a comment told of it instead."""
    restraint.pause(sealed.db, CASES, by="Eve", why="a backup")
    sealed.act(Side.INCIDENT, "I-1", Field.STATUS, Status.ACKNOWLEDGED, BEN)
    sealed.drain()
    since = sealed.clock.now()
    sealed.clock.forward(600)
    sealed.case.set("C-1", Field.STATUS, Status.CLOSED)
    words = wording.incident_moved(Verb.ACKNOWLEDGE, BEN, is_case_closed=True)
    sealed.case.note("C-1", words, US)
    _restore(sealed, since)
    restraint.resume(sealed.db, CASES, by="Eve")
    for _ in range(5):
        _catch_up(sealed)
        sealed.wait(LANDED)
    assert sealed.case.texts("C-1") == [words]


def test_a_deletion_that_was_told_already_is_not_told_again_a_day_later(sealed: World) -> None:
    sealed.comment(Side.INCIDENT, "I-1", "secret plan", BEN)
    sealed.drain()
    _look_in_full(sealed)  # What it says is known.
    sealed.wait(3600)
    since = sealed.clock.now()
    sealed.clock.forward(600)
    sealed.incident.kept["I-1"].notes.clear()  # Ben deletes it, and the lost daemon tells of that.
    told = wording.note_later(Fate.DELETED, Side.INCIDENT, NOBODY, "secret plan")
    sealed.case.note("C-1", told, US)
    _restore(sealed, since)
    for _ in range(4):
        _catch_up(sealed)
        sealed.wait(LANDED)
    sealed.wait(86400)
    _look_in_full(sealed)
    for _ in range(3):
        sealed.wait(LANDED)
    assert sealed.case.texts("C-1") == ["secret plan", told]
