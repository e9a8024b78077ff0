"""A part that runs on a database is told from the signs of life that a backup has in it, however young those are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from syncd.errors import Conflict
from syncd.flow.catchup.still_running import HEARD_WITHIN, require_stopped
from syncd.store import heartbeats
from tests.flow.status.told import beat
from tests.flow.world import World


class Waiting:
    """How long somebody waited, and which parts gave a sign of life meanwhile."""

    def __init__(self, world: World, *parts: str, instance: str = "host:1") -> None:
        self.world, self.parts, self.instance = world, parts, instance
        self.waited = 0.0

    def __call__(self, seconds: float) -> None:
        self.waited += seconds
        self.world.clock.forward(seconds)
        beat(self.world, *self.parts, instance=self.instance)


def test_of_a_backup_that_was_made_a_moment_ago_no_part_runs(world: World) -> None:
    beat(world, "receiver", "worker")
    world.clock.forward(1)
    waiting = Waiting(world)
    require_stopped(world.db, waiting)
    assert waiting.waited == HEARD_WITHIN


def test_nobody_waits_where_every_part_was_stopped_or_is_long_silent(world: World) -> None:
    beat(world, "receiver")
    world.clock.forward(timedelta(minutes=1))
    beat(world, "worker", instance="host:2")
    with world.db.write() as tx:
        heartbeats.end(tx, "host:2", world.db.now(tx))
    waiting = Waiting(world, "worker")
    require_stopped(world.db, waiting)
    assert waiting.waited == 0


@pytest.mark.parametrize("instance", ["host:1", "host:2"])
def test_parts_that_run_are_named(world: World, instance: str) -> None:
    beat(world, "beat", "receiver", "worker")
    with pytest.raises(Conflict, match=r"^These parts run on this database: receiver, worker; stop every part"):
        require_stopped(world.db, Waiting(world, "worker", "receiver", instance=instance))
