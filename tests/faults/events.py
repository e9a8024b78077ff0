"""Real events to begin with: what a simulated PagerDuty and a simulated case desk send when people do what they can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from syncd.clock import StoppedClock
from syncd.simulator import CaseDesk, simulator
from tests.faults.shots import DESK, PAGERDUTY

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_HERE = "http://syncd.test"


def documents() -> Mapping[str, Sequence[str]]:
    """By source, each as text; the same ones whenever it is asked."""
    return {PAGERDUTY: _of_pagerduty(), DESK: _of_desk()}


def _of_pagerduty() -> Sequence[str]:
    with simulator(seed=5, clock=StoppedClock(_NOON)) as sim:
        sim.carriage.hold = True
        sim.people.subscribe(f"{_HERE}/hooks/{PAGERDUTY}")
        incident = sim.people.open("Disk full", "Ana Lima", priority="P2").id
        sim.people.acknowledge(incident, "Ana Lima")
        sim.people.note(incident, "Looking at it, naïvely 😀.", "Ben Osei")
        sim.people.priority(incident, "P1", "Ben Osei")
        sim.people.unacknowledge(incident)
        sim.people.resolve(incident, "Ana Lima", resolution_note="Rolled back.")
        sim.people.reopen(incident, "Ana Lima")
        sim.people.merge(incident, sim.people.open("Checkout is down", "Ana Lima").id, "Ana Lima")
        return [parcel.body.decode() for parcel in sim.courier.take()]


def _of_desk() -> Sequence[str]:
    with CaseDesk(clock=StoppedClock(_NOON), hook_url=f"{_HERE}/hooks/{DESK}") as desk:
        desk.carriage.hold = True
        key = desk.cases.open("Checkout is slow", "Ana Lima").key
        desk.cases.acknowledge(key, "Ana Lima")
        desk.cases.comment(key, "Ana Lima", "Looking at it.")
        desk.cases.set_priority(key, "Ben Osei", "P1")
        desk.cases.resolve(key, "Ben Osei", "Rolled back.")
        return [parcel.body.decode() for parcel in desk.courier.take()]
