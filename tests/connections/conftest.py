"""A person who sets accounts up, in front of a simulated PagerDuty and a simulated case desk on real ports."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.clock import Clock, StoppedClock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.simulator import BOT_EMAIL, KEYS, CaseDesk, Simulator, serve, simulator
from syncd.simulator.account import Subscription
from syncd.store.database import Database
from tests.connections.site import NOON, PUBLIC, Site
from tests.parts.loopback import LOOPBACK
from tests.parts.terms import TERMS
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
    add_pagerduty(setup, "acme", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=pagerduty.account.api_url)
    return "acme"


@pytest.fixture
def site(database_url: str, pagerduty_stage: Stage) -> Iterator[Site]:
    """On both databases, and at a time that only the test moves."""
    clock = StoppedClock(NOON)
    db = Database(database_url, clock, is_alone=True)
    ensure_builtin(db, PUBLIC)
    vault = Vault(generate_key())
    with simulator(seed=3, clock=clock, api_url=pagerduty_stage.url) as pagerduty:
        pagerduty_stage.app = pagerduty.app
        connections = Connections(db, vault, clock, outgoing=LOOPBACK)
        yield Site(Setup(db, vault, clock, LOOPBACK), clock, pagerduty, connections)
    db.close()


@pytest.fixture
def subscribed(site: Site) -> Subscription:
    """Made by us, heard once, and found in order."""
    made = site.connect()
    site.look(0)
    site.open()
    assert site.carry() == [True]
    assert site.look()
    return made
