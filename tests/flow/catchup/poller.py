"""An account that no hook tells of, looked over every quarter of a minute, in simulated time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from syncd.flow.catchup import reconcile, unheard
from syncd.flow.catchup.unheard import POLLED_EVERY
from tests.flow.catcher import Catcher
from tests.flow.world import PAGERDUTY, World, work

_SEALED = b"x"


class Poller:
    def __init__(self, world: World) -> None:
        """Accounts with a credential are polled where they have no webhook."""
        self.world, self.catcher = world, Catcher(world)
        with world.db.write() as tx:
            tx.execute(text("UPDATE integrations SET sealed = :some WHERE slug = 'pagerduty'"), {"some": _SEALED})
        world.connections._systems[PAGERDUTY] = ((_SEALED, "", {}, False), world.incident)

    def poll(self) -> None:
        """When it is time for one; and what was found is read."""
        unheard.ask_where_due(self.world.db)
        reconcile.work(self.catcher.worker)
        while shards := self.world.sweep():
            work(self.world.crew, shards)

    def poll_for(self, span: timedelta, *, every: timedelta = POLLED_EVERY) -> None:
        until = self.world.clock.now() + span
        while self.world.clock.now() < until:
            self.world.clock.forward(every)
            self.poll()

    def reads(self, ref: str = "") -> int:
        """Of records, since what was called was last forgotten."""
        return sum(call.op == "fetch" and ref in {"", call.ref} for call in self.world.incident.calls)

    def requests(self) -> int:
        """For records and their notes; those for lists are the same whatever has changed."""
        return sum(call.op in {"fetch", "notes"} for call in self.world.incident.calls)
