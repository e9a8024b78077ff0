"""A made account for tests: as small as one with all its faults can be, and one clock for all of them."""

from __future__ import annotations

from datetime import UTC, datetime

from syncd.clock import StoppedClock
from syncd.simulator import Simulator, Sizes, made_simulator

SMALL = Sizes(services=110, incidents=900, users=190, schedules=33, teams=5)
NOW = datetime(2026, 3, 1, 12, 0, 7, 123_000, tzinfo=UTC)  # clocks leap in New York a week later, in Berlin after four


def made(sizes: Sizes = SMALL, *, seed: int = 7, now: datetime = NOW) -> Simulator:
    return made_simulator(sizes, seed=seed, clock=StoppedClock(now))
