"""One PagerDuty service that takes events by its integration key, and the connector that sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from syncd.core.changes import CaseOpened, Field, Side
from syncd.simulator import KEYS, Fault, Simulator, simulator
from syncd.simulator.account import Incident
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector
from syncd.store.integrations import EVENTS
from syncd.systems import events_api
from syncd.systems.events_api import ServiceEvents
from tests.flow.far_side import ANA
from tests.flow.world import CASES, World

PAGER = "pager"


@dataclass(frozen=True, slots=True)
class Pager:
    world: World
    sim: Simulator

    def open(self, ref: str = "C-1", priority: str = "P3", connector: str = PAGER) -> None:
        self.ask(ref, priority, connector)
        self.world.drain()

    def ask(self, ref: str, priority: str = "P3", connector: str = PAGER) -> None:
        """A case asks for its incident, and nobody has come to it yet."""
        record = self.world.case.put(ref, priority=priority, title="Checkout is slow")
        opened = CaseOpened(record.title, "Since noon.", priority, connector, record.url, ANA, record.at)
        self.world.tell(Side.CASE, ref, opened, kind="opened")

    def set(self, name: Field, value: str) -> None:
        self.world.act(Side.CASE, "C-1", name, value)
        self.world.drain()

    def lay(self, **fault: object) -> None:
        self.sim.faults.lay(Fault(methods=("POST",), path=events_api.PATH, **fault))  # type: ignore[arg-type]  # any of it

    @property
    def incidents(self) -> list[Incident]:
        return list(self.sim.account.incidents.values())

    @property
    def incident(self) -> Incident:
        (only,) = self.incidents
        return only

    def events(self) -> list[str]:
        return [json.loads(one.body)["event_action"] for one in self.sim.journal.requests]

    def account(self) -> integrations.Integration:
        with self.world.db.read() as tx:
            found = integrations.get(tx, PAGER)
        assert found is not None
        return found


@contextmanager
def pager(
    world: World, severities: Sequence[Mapping[str, str]] = (), policy: Mapping[str, str] | None = None
) -> Iterator[Pager]:
    with simulator(seed=3, clock=world.clock) as sim:
        http = events_api.http(KEYS.payments, "us", transport=sim.transport())
        with world.db.write() as tx:
            now = world.db.now(tx)
            integrations.add(
                tx, slug=PAGER, system=EVENTS, side=Side.INCIDENT, base_url="", settings={}, sealed=None, now=now
            )
            one_way = Connector(PAGER, PAGER, CASES, "service_key", "", "Payments", list(severities), policy or {})
            connectors.add(tx, one_way, now)
        world.connections._systems[PAGER] = ((None, "", {}, False), ServiceEvents(http, KEYS.payments))
        yield Pager(world, sim)
