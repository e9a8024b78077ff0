"""A rig for each test: a simulated account with all its faults, and an empty database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from syncd.clock import StoppedClock
from syncd.simulator import Simulator
from syncd.store.database import Database
from tests.evidence.collecting.rig import Rig
from tests.simulator.estate import SMALL, made


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with made(SMALL) as simulator:
        yield simulator


@pytest.fixture
def clock(sim: Simulator) -> StoppedClock:
    """One for all of them."""
    assert isinstance(sim.world.clock, StoppedClock)
    return sim.world.clock


@pytest.fixture
def rig(database_url: str, sim: Simulator, clock: StoppedClock) -> Iterator[Rig]:
    db = Database(database_url, clock, is_alone=True)
    yield Rig(db, sim, clock)
    db.close()
