"""An account with a webhook of ours, and its hooks carried by hand: to the door, the inbox and back to who sent them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from syncd.clock import StoppedClock
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.webhooks.guardian import Guardian
from syncd.connections.webhooks.making import make_webhook
from syncd.core.link import Link, LinkState
from syncd.errors import BadSignature
from syncd.flow import accept
from syncd.flow.status import subscriptions
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.simulator.account import Subscription
from syncd.store import links, reconciles, watches
from syncd.store.database import Database
from syncd.store.tables import deliveries
from syncd.systems.port import Hook
from tests.parts.terms import TERMS

ACME, PUBLIC = "acme", "https://syncd.test"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(slots=True)
class Site:
    setup: Setup
    clock: StoppedClock
    pagerduty: Simulator
    connections: Connections
    public_url: str = PUBLIC

    @property
    def db(self) -> Database:
        return self.setup.db

    @property
    def there(self) -> dict[str, Subscription]:
        return self.pagerduty.account.subscriptions

    def connect(self, ca_file: str = "") -> Subscription:
        self.pagerduty.carriage.hold = True
        where = {"where": self.pagerduty.account.api_url, "ca_file": ca_file}
        add_pagerduty(self.setup, ACME, api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, **where)
        return self.there[make_webhook(self.setup, ACME, PUBLIC)]

    # The guardian.

    def guardian(self) -> Guardian:
        return Guardian(self.db, self.connections, self.clock, self.public_url)

    def look(self, after: float = 300) -> bool:
        self.clock.forward(after)
        return self.guardian().look()

    def watch(self) -> watches.Watch:
        with self.db.read() as tx:
            return watches.all_of(tx)[ACME]

    # Hooks.

    def open(self) -> str:
        """An incident that one of our cases is linked to."""
        incident = self.pagerduty.people.open("Checkout is slow", "Ana Lima").id
        with self.db.write() as tx:
            made = Link("", "cases", incident, ACME, state=LinkState.OPENING)
            stored = links.create(tx, made, key=f"syncd:{incident}", title="t", body="b", shard=1, now=self.clock.now())
            opened = replace(stored.link, incident_id=incident, state=LinkState.OPEN)
            links.save(tx, stored, opened, opened_at=self.clock.now())
        return incident

    def carry(self, *, wrongly: bool = False) -> list[bool]:
        """Whether each hook that is on its way was taken in."""
        sender = self.pagerduty.webhooks
        going = [one for one in self.pagerduty.courier.take() if sender.address(one) is not None]
        taken = []
        for one in going:
            headers = {
                name.lower(): value for name, value in sender.seal(one, self.clock.now(), wrongly=wrongly).items()
            }
            taken.append(self._take(Hook(headers, one.body, self.clock.now())))
            (sender.delivered if taken[-1] else sender.dropped)(one)
        return taken

    def _take(self, hook: Hook) -> bool:
        try:
            accept.store(self.db, [accept.prove(self.connections.refresh(ACME), hook)])
        except BadSignature:
            return False
        return True

    def lose(self) -> None:
        """What is on its way never comes."""
        self.pagerduty.courier.take()

    def disable(self) -> str:
        """Three hooks in a row are refused; the incident that they tell of."""
        self.lose()
        incident = self.open()
        self.pagerduty.people.acknowledge(incident, "Ben Osei")
        self.pagerduty.people.note(incident, "Looking", "Ben Osei")
        assert self.carry(wrongly=True) == [False] * 3
        return incident

    # What there is to read.

    def rows(self) -> list[tuple[str, str, str]]:
        return [(row["action"], row["outcome"], row["reason"]) for row in self.whole_rows()]

    def whole_rows(self) -> list[dict[str, Any]]:
        with self.db.read() as tx:
            mine = select(deliveries).where(deliveries.c.change == "subscription").order_by(deliveries.c.id)
            return [dict(row) for row in tx.execute(mine).mappings()]

    def findings(self) -> list[str]:
        with self.db.read() as tx:
            found = subscriptions.findings(subscriptions.read(tx, self.db.now(tx)))
        return [f"{one.what} {one.remedy}" for one in found]

    def asked(self) -> list[tuple[str, datetime]]:
        """The looks over what changed that were asked for."""
        with self.db.read() as tx:
            return [(one["why"], one["since"]) for one in reversed(reconciles.listing(tx))]

    def finish_looks(self) -> None:
        with self.db.write() as tx:
            while (taken := reconciles.take(tx, self.db.now(tx))) is not None:
                reconciles.finish(tx, taken, self.db.now(tx))

    def requests(self, path: str) -> list[str]:
        return [one.method for one in self.pagerduty.journal.requests if path in one.target]
