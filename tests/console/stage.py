"""The demo without its worker: a real console over a real simulated PagerDuty. What syncd would do, the test does or leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.console.demo_plan import DemoPlan
from syncd.console.parts import Parts
from syncd.core.changes import Status
from syncd.core.link import Link, LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.simulator.pagerduty import KEYS, Simulator, simulator
from syncd.simulator.server import serve
from syncd.store import deliveries, links
from syncd.store.cases import Hand, NewCase
from syncd.store.database import Database
from syncd.store.deliveries import Delivery

from .conftest import Door


@dataclass(frozen=True, slots=True)
class Stage:
    url: str
    sim_url: str
    sim: Simulator
    parts: Parts
    key: str
    incident: str

    def case_follows(self, status: Status) -> None:
        """As the worker would."""
        self.parts.cases.set_status(self.key, Hand("Ben Osei", "PagerDuty", is_syncd=True), status)
        now = self.parts.clock.now()
        row = Delivery(
            recorded_at=now,
            direction="inbound",
            change="acknowledge",
            outcome=Outcome.APPLIED,
            reason=Reason.CHANGED,
            case_id=self.key,
            e2e_ms=412,
        )
        with self.parts.database.write() as tx:
            deliveries.record_many(tx, [row])


@contextmanager
def staged(parts: Parts, door: Door) -> Iterator[Stage]:
    """One server has both the page and the /v1 that the page reads, as in `syncd demo`."""
    key = parts.cases.open(NewCase("Checkout is slow", priority="P2"), Hand("Ana Lima", "api")).case.key
    with simulator() as sim, serve(sim.app) as sim_url:
        incident = sim.people.open("Checkout is slow", priority="P2").id
        _link(parts.database, key, incident, parts.clock.now())
        demo = replace(parts, demo=DemoPlan(sim_url, KEYS.full, door.url, parts.api_token))
        yield Stage(door.open(demo), sim_url, sim, demo, key, incident)
        demo.closing.set()


def _link(store: Database, key: str, incident: str, now: datetime) -> None:
    with store.write() as tx:
        made = Link("", "cases", key, "acme", state=LinkState.OPENING)
        stored = links.create(tx, made, key=f"syncd:{key}", title="t", body="b", shard=1, now=now)
        links.save(tx, stored, replace(stored.link, incident_id=incident, state=LinkState.OPEN), opened_at=now)
