"""A backup was restored: what was done in the time that it does not know is not done again."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import text

from syncd.core.changes import Side
from syncd.flow import reconcile, restoring
from tests.flow.far_side import US
from tests.flow.world import LANDED, World


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
