"""A console over the flow's world, on SQLite."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from syncd import wiring
from syncd.clock import StoppedClock
from syncd.console.parts import Parts
from syncd.settings import Settings
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.console.conftest import TOKEN, Door
from tests.flow.world import NOON, World

from .operated import Operated


@pytest.fixture
def world(tmp_path: Path, migrated_file: Path) -> Iterator[World]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    shutil.copy(migrated_file, tmp_path / "world.db")
    clock = StoppedClock(NOON)
    db = Database(f"sqlite:///{tmp_path}/world.db", clock, is_alone=True)
    made = World(db, clock)
    yield made
    made.close()
    db.close()
    structlog.reset_defaults()


@pytest.fixture
def operated(world: World, door: Door) -> Iterator[Operated]:
    cases = Cases(world.db, site="http://syncd.test")
    prover = wiring.prover(world.db, Settings())
    url = door.open(Parts(world.db, cases, world.connections, lambda _: None, world.clock, TOKEN, prover=prover))
    with httpx.Client(base_url=url, trust_env=False) as client:
        made = Operated(world, client)
        made.sign_in()
        yield made
