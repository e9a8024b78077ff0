"""The check-up of every account: first what its key may do, and only then what else is asked with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from syncd.clock import Clock
from syncd.connections.doctor import account, case_system, service_key, webhook
from syncd.connections.doctor.account import Patient
from syncd.connections.grant import Grant, grant_of
from syncd.connections.open import Connections
from syncd.core.changes import Side
from syncd.core.checked import Checked, by_oauth, fine
from syncd.core.diagnostics import Subject
from syncd.core.judging import State
from syncd.errors import NotFound
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.integrations import Integration
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

from . import rights
from .surviving import survived

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Surgery:
    """`is_all`: also what nothing here uses. `may_write`: a write that changes nothing may be tried. `tell`: whose turn it is,
    for whoever waits.
    """

    db: Database
    connections: Connections
    clock: Clock
    public_url: str
    is_all: bool
    tell: Callable[[str], None]
    may_write: bool = False

    def look_at(self, slug: str) -> Iterator[Checked]:
        """One account, or without a name all of them."""
        with self.db.read() as tx:
            known, senders = integrations.all_of(tx), list(connectors.all_of(tx).values())
            self.connections.know_all(tx)
        if slug and slug not in known:
            raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
        for one in [known[slug]] if slug else known.values():
            self.tell(one.slug)
            if one.system == integrations.ALERTS:
                yield fine("alerts", "They come by the API or a command, and nothing is read there.", one.slug)
            elif one.side is Side.CASE:
                yield from self._case_system(one, [it for it in senders if it.case_system == one.slug])
            elif one.system == "pagerduty":
                lines = self._pagerduty(one, [it for it in senders if it.integration == one.slug])
                yield from by_oauth(lines) if one.is_by_oauth else lines
            else:
                yield from self._service_key(one)

    def _service_key(self, one: Integration) -> Iterator[Checked]:
        check, may_write = "service key", self.may_write
        yield from survived(
            check,
            lambda: service_key.looked_at(one, self.connections.system(one), self._trip(one), may_write=may_write),
            code="SYN-SECRETS",
            slug=one.slug,
        )

    def _case_system(self, one: Integration, connectors: Sequence[Connector]) -> Iterator[Checked]:
        trip = self._trip(one)
        answers = list(
            survived(
                "case system",
                lambda: case_system.reached(one, self.connections.system(one), trip),
                code="SYN-CASE-SYSTEM",
                slug=one.slug,
            )
        )
        yield from answers
        if all(line.state is State.OK for line in answers):
            asked = partial(case_system.names, one, self.connections.system(one), connectors, trip)
            yield from survived("case names", asked, slug=one.slug)

    def _pagerduty(self, one: Integration, connectors: Sequence[Connector]) -> Iterator[Checked]:
        db, clock = self.db, self.clock
        ladder = list(
            survived(
                "key",
                lambda: rights.asked(db, self.connections, clock, one, is_all=self.is_all),
                code="SYN-SECRETS",
                slug=one.slug,
            )
        )
        yield from ladder
        yield from survived("last webhook", lambda: webhook.last_heard(db, one.slug, self._now()), slug=one.slug)
        if any(line.check == Subject.KEY and line.state is not State.OK for line in ladder):
            said = "The webhook, the user our writes are made as, priorities and services were not asked, since the key did not get through."
            yield Checked("all else", State.UNKNOWN, said, integration=one.slug)
            return
        yield from self._besides(one, connectors)

    def _besides(self, one: Integration, connectors: Sequence[Connector]) -> Iterator[Checked]:
        it = Patient(one, connectors, self.connections.pagerduty(one), self._trip(one))
        yield from survived("clock", lambda: account.clock(it, self._now()), slug=one.slug)
        subscribed = partial(webhook.subscriptions, it, self.db, self.public_url)
        yield from survived("webhook", subscribed, slug=one.slug)
        yield from survived("key age", lambda: account.age(it, self.db, self._now()), slug=one.slug)
        yield from survived("OAuth scopes", lambda: account.scopes(it, self._grant(one)), slug=one.slug)
        yield from survived("From user", lambda: account.sender(it), slug=one.slug)
        yield from survived("act as person", lambda: account.people(it, self.db, self._now()), slug=one.slug)
        if self.may_write:
            yield from survived("write probe", lambda: account.writing(it), slug=one.slug)
        yield from survived("priorities", lambda: account.priorities(it), slug=one.slug)
        yield from survived("services", lambda: account.services(it), slug=one.slug)

    def _grant(self, one: Integration) -> Grant | None:
        sealed = one.sealed
        return None if sealed is None else grant_of(self.connections.vault.unseal(f"integration:{one.slug}", sealed))

    def _now(self) -> datetime:
        with self.db.read() as tx:
            return self.db.now(tx)

    def _trip(self, one: Integration) -> Trip:
        return Trip.begin(f"doctor-{one.slug}", self.clock.monotonic, _SECONDS, purpose=Purpose.RECONCILE)
