"""Looks after the webhook subscriptions that we made: PagerDuty disables them, people change them, and addresses move."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.lifecycle import IntegrationState
from syncd.store import hook_secrets, integrations, watches
from syncd.store.database import Database
from syncd.store.watches import Watch
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

from .visit import EVERY, SOON, Visit

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Guardian:
    db: Database
    connections: Connections
    clock: Clock
    public_url: str  # empty: nobody told us where we are reached

    def look(self) -> bool:
        """At the subscriptions of one account whose turn it is. False: there is none."""
        watch = self._taken()
        if watch is None:
            return False
        try:
            self._look_at(watch)
        except (errors.SideError, errors.Misconfigured) as error:
            with self.db.write() as tx:
                watches.write(tx, watch, next_at=self.db.now(tx) + SOON)
            log.warning("subscriptions.not_seen", integration=watch.integration, why=str(error))
        return True

    def _taken(self) -> Watch | None:
        """Asked before it is written: nearly always there is nothing to do."""
        with self.db.read() as tx:
            now, watched = self.db.now(tx), watches.all_of(tx)
            new = [slug for slug in hook_secrets.accounts_with_subscriptions(tx) if slug not in watched]
        if not new and not any(one.next_at <= now for one in watched.values()):
            return None
        with self.db.write() as tx:
            now = self.db.now(tx)
            for slug in new:
                watches.begin(tx, slug, now + EVERY)
            return watches.take(tx, now, now + LEASE)

    def _look_at(self, watch: Watch) -> None:
        with self.db.read() as tx:
            integration, ours = integrations.get(tx, watch.integration), hook_secrets.ours(tx, watch.integration)
        if integration is None or integration.state is not IntegrationState.CONNECTED or not ours:
            self._leave(watch, is_ours=bool(ours))
            return
        label = f"g{watch.integration}-{secrets.token_hex(3)}"
        trip = Trip.begin(label, self.clock.monotonic, _SECONDS, purpose=Purpose.RECONCILE)
        system, http = self.connections.system(integration), self.connections.pagerduty(integration)
        Visit(self.db, self.public_url, watch, ours, system, http, trip).make()

    def _leave(self, watch: Watch, *, is_ours: bool) -> None:
        """Whoever is disconnected is asked when that is over; what we have no more cannot be wrong."""
        with self.db.write() as tx:
            kept: dict[str, object] = {} if is_ours else {"troubles": [], "lost_since": None, "pinged_at": None}
            watches.write(tx, watch, next_at=self.db.now(tx) + EVERY, **kept)
