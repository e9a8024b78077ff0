"""The command line on a home of its own: run in this process, read from what it wrote and how it left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from syncd.cli.main import run
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.core.link import Link, LinkState
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from syncd.store import links
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.conftest import SPEAK_TO_TESTS
from tests.parts.loopback import OPENED
from tests.parts.terms import FLAGS

from .logging_kept import logging_kept

TOKEN = "api-token-for-tests"
SECRET = "SYNCD_SECRET"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        return json.loads(self.out)


Syncd = Callable[..., Ended]


@pytest.fixture
def home(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    monkeypatch.setenv("SYNCD_HOME", str(tmp_path))
    monkeypatch.setenv("SYNCD_OUTGOING_ALLOW", OPENED)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def syncd(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Syncd:
    def call(*words: str) -> Ended:
        code = 0
        try:
            with monkeypatch.context() as patch, logging_kept():
                for name in SPEAK_TO_TESTS:
                    patch.delenv(name, raising=False)
                run(words)
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return call


@pytest.fixture
def store(home: Path) -> Iterator[Database]:
    opened = Database(f"sqlite:///{home / 'syncd.db'}", Clock())
    yield opened
    opened.close()


@pytest.fixture
def link(store: Database) -> int:
    """CS-1 and its incident Q1."""
    with store.write() as tx:
        made = Link("", "cases", "CS-1", "acme", state=LinkState.OPENING)
        stored = links.create(tx, made, key="syncd:CS-1", title="t", body="b", shard=1, now=NOON)
        links.save(tx, stored, replace(stored.link, incident_id="Q1", state=LinkState.OPEN), opened_at=NOON)
        return stored.id


@pytest.fixture
def elsewhere(tmp_path: Path, migrated_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A daemon with a database of its own."""
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(migrated_file, tmp_path / "elsewhere" / "syncd.db")
    opened = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'syncd.db'}", Clock())
    parts = Parts(
        opened,
        Cases(opened, site="http://127.0.0.1:8082"),
        Connections(opened, Vault(generate_key()), Clock()),
        lambda _: None,
        Clock(),
        TOKEN,
    )
    monkeypatch.setenv("SYNCD_TOKEN", TOKEN)
    with serve(create(parts)) as url:
        yield url
    opened.close()


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        yield made


@pytest.fixture
def adding(pagerduty: Simulator) -> tuple[str, ...]:
    return ("integrations", "add", "acme", "--email", BOT_EMAIL, "--where", pagerduty.account.api_url, *FLAGS)


@pytest.fixture
def acme(syncd: Syncd, adding: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, KEYS.full)
    assert syncd(*adding).code == 0
    monkeypatch.delenv(SECRET)


@pytest.fixture
def giving(syncd: Syncd, acme: None) -> None:
    """Evidence is collected from it."""
    assert syncd("integrations", "set", "acme", "--evidence", "on").code == 0
