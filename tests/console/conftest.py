"""A real console on loopback, over a database of its own; beside it, when asked for, a real simulated PagerDuty."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from syncd.clock import Clock, StoppedClock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import Parts
from syncd.simulator.server import serve
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.store.payments import add_payments

from .checked import create
from .collected import LATER, collect_into

TOKEN = "api-token-for-tests"


@pytest.fixture
def store(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    shutil.copy(migrated_file, tmp_path / "console.db")
    opened = Database(f"sqlite:///{tmp_path}/console.db", Clock())
    yield opened
    opened.close()


@pytest.fixture
def desk(store: Database) -> Cases:
    add_payments(store)
    return Cases(store, site="http://syncd.test")


@pytest.fixture
def parts(store: Database, desk: Cases) -> Parts:
    connections = Connections(store, Vault(generate_key()), Clock())
    return Parts(store, desk, connections, lambda _: None, Clock(), TOKEN)


class Door:
    """One server for all tests, because starting and stopping one takes longer than most of them; the application changes."""

    def __init__(self) -> None:
        self.app: ASGIApp | None = None
        self.url = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)

    def open(self, parts: Parts) -> str:
        self.app = create(parts)
        return self.url


@pytest.fixture(scope="session")
def door() -> Iterator[Door]:
    door = Door()
    with serve(door) as door.url:
        yield door


@pytest.fixture(scope="session")
def collected_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    """Collected once, and copied by whoever needs it."""
    file = tmp_path_factory.mktemp("collected") / "collected.db"
    shutil.copy(migrated_file, file)
    collect_into(file)
    return file


@pytest.fixture
def collected(tmp_path: Path, collected_file: Path) -> Iterator[Parts]:
    """A console over an account that was collected from, whose clock stands."""
    shutil.copy(collected_file, tmp_path / "evidence.db")
    clock = StoppedClock(LATER)
    db = Database(f"sqlite:///{tmp_path}/evidence.db", clock, is_alone=True)
    connections = Connections(db, Vault(generate_key()), clock)
    yield Parts(db, Cases(db, site="http://syncd.test"), connections, lambda _: None, clock, TOKEN)
    db.close()


@pytest.fixture
def base_url(door: Door, parts: Parts) -> str:
    return door.open(parts)


@pytest.fixture
def stranger(base_url: str) -> Iterator[httpx.Client]:
    """Somebody without the token, who keeps cookies."""
    with httpx.Client(base_url=base_url, trust_env=False) as client:
        yield client


@pytest.fixture
def api(base_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base_url, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
        yield client
