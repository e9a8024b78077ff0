"""The built-in cases, a PagerDuty on a real port with a webhook of ours, and a crew between them, in simulated time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from syncd.connections.joining.connectors import add_connector
from syncd.core.shard import SHARDS
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Verdict
from syncd.flow.crew import Crew
from syncd.flow.sweep import sweep
from syncd.flow.why.answer import Answer, Asker
from syncd.simulator.account import Incident, Subscription
from syncd.simulator.people import People
from syncd.store import arrivals, deliveries, lanes, links
from syncd.store.cases import Cases, Hand, NewCase
from tests.connections.site import ACME, PUBLIC, Site
from tests.flow.world import LIMITS, work

ANA = Hand("Ana Lima", "api")


@dataclass(slots=True)
class Whole:
    site: Site
    cases: Cases
    crew: Crew
    subscription: Subscription
    key: str  # that its secrets are sealed with

    @classmethod
    def of(cls, site: Site, key: str) -> Whole:
        subscription = site.connect()
        add_connector(site.setup, "payments", integration=ACME, service="Payments", case_system="cases")
        crew = Crew(site.db, site.connections, site.clock, LIMITS)
        return cls(site, Cases(site.db, site=PUBLIC), crew, subscription, key)

    @property
    def incident(self) -> Incident:
        with self.site.db.read() as tx:
            (row,) = links.about(tx, "CS-1")
        return self.site.pagerduty.people.find(row["incident_id"])

    def open(self) -> None:
        """CS-1 and its incident, in step, and every hook of it taken in."""
        self.cases.open(NewCase("Checkout is slow"), ANA)
        self.settle()
        assert not self.ask("CS-1").verdict.stops

    def settle(self) -> None:
        """Until nothing is on its way any more. A second act on a case within one moment is dated a moment later."""
        self.site.clock.forward(1)
        while self._is_due() or self.site.carry():
            work(self.crew, range(SHARDS))

    def _is_due(self) -> bool:
        with self.site.db.read() as tx:
            now = self.site.db.now(tx)
            return bool(arrivals.due_shards(tx, now) or lanes.due_links(tx, range(SHARDS), now, 1))

    def wait(self, span: timedelta | float) -> None:
        self.site.clock.forward(span)
        sweep(self.site.db, self.site.connections, self.site.clock, LIMITS)
        self.settle()

    def ask(self, reference: str, *, compare: bool = False) -> Answer:
        asker = Asker(self.site.db, lambda: self.site.connections, self.site.clock)
        return asker.why(reference, is_compared=compare)

    @property
    def people(self) -> People:
        """In PagerDuty's own interface."""
        return self.site.pagerduty.people

    def last(self, reason: str) -> str:
        """The delivery that was decided for this reason last."""
        with self.site.db.read() as tx:
            return f"delivery:{deliveries.find(tx, {'reason': reason}, limit=1)[0]['id']}"

    def stopped(self, reference: str = "CS-1", *, at: Gate, code: str = "") -> Verdict:
        verdict = self.ask(reference).verdict
        assert (verdict.gate, verdict.stops, verdict.code) == (at, True, code), verdict.sentence
        return verdict
