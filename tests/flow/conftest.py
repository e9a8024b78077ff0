"""A world for each test, on SQLite and on PostgreSQL; `linked` has one case and its incident already."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog

from syncd.clock import StoppedClock
from syncd.store.database import Database
from tests.flow.world import NOON, World


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """The log of what these tests break on purpose is nobody's to read, and its tracebacks are slow to draw."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    clock = StoppedClock(NOON)
    db = Database(database_url, clock, is_alone=True)
    made = World(db, clock)
    yield made
    made.rows()  # No row was ever changed.
    made.close()
    db.close()


@pytest.fixture
def linked(world: World) -> World:
    """Case C-1 and incident I-1 stand open, and nothing has been said yet."""
    world.ask_for_incident()
    world.drain()
    assert world.link().link.incident_id == "I-1"
    world.forget()
    return world
