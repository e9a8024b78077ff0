"""Case C-1 in a make-believe desk, and its incident in the simulated PagerDuty, which the real adapter speaks to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from syncd.clock import Clock
from syncd.core.link import LinkState
from syncd.simulator import BOT_EMAIL, Fault, Simulator, simulator
from syncd.simulator.account import Incident, Priority
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents
from tests.flow.world import PAGERDUTY, World


@dataclass(frozen=True, slots=True)
class Simulated:
    world: World
    sim: Simulator

    @property
    def incident(self) -> Incident:
        return self.sim.people.find(self.world.link().link.incident_id)

    def lay(self, where: tuple[str, str], **fault: object) -> None:
        """`where`: a method, and a path."""
        self.sim.faults.lay(Fault(methods=(where[0],), path=where[1], **fault))  # type: ignore[arg-type]  # any of it

    def speaks_as(self, settings: dict[str, str]) -> None:
        """The account's settings, as the system of the real adapter was made of."""
        system = self.world.connections._systems[PAGERDUTY][1]
        self.world.connections._systems[PAGERDUTY] = ((None, "", settings, False), system)

    def open_case(self) -> None:
        self.world.ask_for_incident()
        self.world.drain()
        assert self.world.link().link.state is LinkState.OPEN


@contextmanager
def connected(world: World, clock: Clock | None = None) -> Iterator[Simulator]:
    """The world's PagerDuty is a simulator with the service and the priorities its connector names."""
    with simulator(seed=3, clock=clock) as sim:
        account = sim.account
        account.services["SVC"] = replace(next(iter(account.services.values())), id="SVC")
        for name in ("HIGH", "MIDDLE", "LOW"):
            account.priorities[name] = Priority(name, name, "")
        http = client.http(sim.keys.full, BOT_EMAIL, transport=sim.transport())
        system = Incidents(http, sim.people.who(BOT_EMAIL).id, BOT_EMAIL)
        world.connections._systems[PAGERDUTY] = ((None, "", {}, False), system)
        yield sim
