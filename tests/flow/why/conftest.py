"""A whole system for tests of what only its webhook, its real adapter or its built-in cases can show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from syncd.clock import StoppedClock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.simulator import serve, simulator
from syncd.store.database import Database
from tests.connections.site import NOON, PUBLIC, Site
from tests.flow.why.pasting import BEGINS, Shell
from tests.flow.why.whole import Whole
from tests.parts.loopback import LOOPBACK
from tests.systems.conftest import Stage


@pytest.fixture(scope="session")
def port() -> Iterator[Stage]:
    """One real server for all tests: starting one takes longer than a test."""
    stage = Stage()
    with serve(stage) as stage.url:
        yield stage


@pytest.fixture
def begins(request: pytest.FixtureRequest) -> datetime:
    """A world that commands are pasted into is as late as the machine."""
    return datetime.now(UTC) - BEGINS if "shell" in request.fixturenames else NOON


@pytest.fixture
def whole(database_url: str, port: Stage, begins: datetime) -> Iterator[Whole]:
    """CS-1 and its incident are in step."""
    clock = StoppedClock(begins)
    db = Database(database_url, clock, is_alone=True)
    ensure_builtin(db, PUBLIC)
    key = generate_key()
    vault = Vault(key)
    with simulator(seed=3, clock=clock, api_url=port.url) as pagerduty:
        port.app = pagerduty.app
        connections = Connections(db, vault, clock, outgoing=LOOPBACK)
        made = Whole.of(Site(Setup(db, vault, clock, LOOPBACK), clock, pagerduty, connections), key)
        made.open()
        yield made
        made.crew.close(0.1)
    db.close()


@pytest.fixture
def shell(whole: Whole, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    return Shell(whole, monkeypatch, str(tmp_path))
