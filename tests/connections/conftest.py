"""A person who sets accounts up, in front of a simulated PagerDuty and a simulated case desk on real ports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.connections.connect import Setup, ensure_builtin
from syncd.connections.vault import Vault, generate_key
from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Simulator, serve, simulator
from syncd.store.database import Database
from tests.parts.loopback import LOOPBACK
from tests.systems.conftest import Stage


@pytest.fixture
def setup(tmp_path: Path, migrated_file: Path) -> Iterator[Setup]:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    db = Database(f"sqlite:///{tmp_path / 'syncd.db'}", Clock())
    ensure_builtin(db, "http://syncd.test")
    yield Setup(db, Vault(generate_key()), db.clock, LOOPBACK)
    db.close()


def _stage() -> Iterator[Stage]:
    """One real server for all tests: starting one takes longer than a test."""
    stage = Stage()
    with serve(stage) as stage.url:
        yield stage


pagerduty_stage = pytest.fixture(scope="session", name="pagerduty_stage")(_stage)
desk_stage = pytest.fixture(scope="session", name="desk_stage")(_stage)


@pytest.fixture
def pagerduty(pagerduty_stage: Stage) -> Iterator[Simulator]:
    with simulator(seed=3, api_url=pagerduty_stage.url) as made:
        pagerduty_stage.app = made.app
        yield made


@pytest.fixture
def desk(desk_stage: Stage) -> Iterator[CaseDesk]:
    with CaseDesk(seed=3, url=desk_stage.url) as made:
        desk_stage.app = made.app
        yield made


@pytest.fixture
def acme(setup: Setup, pagerduty: Simulator) -> str:
    """A connected account."""
    setup.add_pagerduty("acme", api_key=KEYS.full, email=BOT_EMAIL, where=pagerduty.account.api_url)
    return "acme"
