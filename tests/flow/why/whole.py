"""The built-in cases, a PagerDuty on a real port with a webhook of ours, and a crew between them, in simulated time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.clock import StoppedClock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.connectors import add_connector
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.core.shard import SHARDS
from syncd.core.why.gate import Gate
from syncd.core.why.verdict import Verdict
from syncd.flow.crew import Crew
from syncd.flow.sweep import sweep
from syncd.flow.why.answer import Answer, Asker
from syncd.simulator import simulator
from syncd.simulator.account import Incident, Subscription
from syncd.simulator.people import People
from syncd.store import arrivals, deliveries, lanes, links
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database
from tests.connections.site import ACME, PUBLIC, Site
from tests.flow.world import LIMITS, work
from tests.parts.loopback import LOOPBACK
from tests.systems.conftest import Stage

ANA = Hand("Ana Lima", "api")


@dataclass(slots=True)
class Whole:
    site: Site
    cases: Cases
    crew: Crew
    subscription: Subscription
    key: str  # that its secrets are sealed with

    @classmethod
    def of(cls, site: Site, key: str, ca_file: str = "") -> Whole:
        subscription = site.connect(ca_file)
        add_connector(site.setup, "payments", integration=ACME, service="Payments", case_system="cases")
        crew = Crew(site.db, site.connections, site.clock, LIMITS)
        return cls(site, Cases(site.db, site=PUBLIC), crew, subscription, key)

    @property
    def incident(self) -> Incident:
        with self.site.db.read() as tx:
            (row,) = links.about(tx, "CS-1")
        return self.site.pagerduty.people.find(row["incident_id"])

    def start_again(self) -> None:
        """Other workers, who have read nothing yet."""
        self.crew.close(0.1)
        site = self.site
        site.connections = Connections(site.db, Vault(self.key), site.clock, outgoing=LOOPBACK)
        self.crew = Crew(site.db, site.connections, site.clock, LIMITS)

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
        asker = Asker(self.site.db, lambda: self.site.connections, self.site.clock, public_url=self.site.public_url)
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


@contextmanager
def opened(database_url: str, stage: Stage, begins: datetime, ca_file: str = "") -> Iterator[Whole]:
    """PagerDuty plays on this stage. CS-1 and its incident are in step."""
    clock = StoppedClock(begins)
    db = Database(database_url, clock, is_alone=True)
    ensure_builtin(db, PUBLIC)
    key = generate_key()
    vault = Vault(key)
    with simulator(seed=3, clock=clock, api_url=stage.url) as pagerduty:
        stage.app = pagerduty.app
        connections = Connections(db, vault, clock, outgoing=LOOPBACK)
        made = Whole.of(Site(Setup(db, vault, clock, LOOPBACK), clock, pagerduty, connections), key, ca_file)
        made.open()
        yield made
        made.crew.close(0.1)
    db.close()
