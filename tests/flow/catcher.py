"""Who catches up in a test: one worker's reconcile, and what it waited for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from syncd.flow.catchup import reconcile
from syncd.store import reconciles
from tests.flow.world import PAGERDUTY, World


class Catcher:
    """The thread of a worker that catches up, by hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.waited: list[float] = []
        self.is_ending = False
        self.worker = reconcile.Worker(world.db, world.connections, world.clock, world.crew.wake, self._wait)

    def _wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        self.world.clock.forward(seconds)
        return self.is_ending

    def ask(self, since: datetime, slug: str = PAGERDUTY, *, is_deep: bool = False) -> int:
        with self.world.db.write() as tx:
            return reconciles.ask(tx, slug, since, why="asked", by="Ben", now=self.world.db.now(tx), is_deep=is_deep)

    def catch_up(self, since: datetime, slug: str = PAGERDUTY, *, is_deep: bool = False) -> dict[str, Any]:
        self.ask(since, slug, is_deep=is_deep)
        assert reconcile.work(self.worker)
        self.world.drain()
        return self.last(slug)

    def last(self, slug: str = PAGERDUTY) -> dict[str, Any]:
        with self.world.db.read() as tx:
            found = reconciles.latest(tx, slug)
        assert found is not None
        return found


def open_incidents(world: World, count: int) -> list[str]:
    """Of as many cases C-1, C-2, ..., some time ago; nothing has been said of them."""
    for number in range(1, count + 1):
        world.ask_for_incident(f"C-{number}")
        world.drain()
    world.wait(600)
    world.forget()
    return [world.link(f"C-{number}").link.incident_id for number in range(1, count + 1)]
