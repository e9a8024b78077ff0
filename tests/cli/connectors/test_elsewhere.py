"""`syncd connectors add --server`: the same on a daemon elsewhere, which alone learns the key."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve
from syncd.store import connectors
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.cli.conftest import SECRET, TOKEN, Syncd
from tests.parts.loopback import LOOPBACK
from tests.parts.terms import FLAGS

SITE = "https://syncd.test"


@pytest.fixture
def far(tmp_path: Path, migrated_file: Path) -> Iterator[Database]:
    (tmp_path / "far").mkdir()
    shutil.copy(migrated_file, tmp_path / "far" / "syncd.db")
    opened = Database(f"sqlite:///{tmp_path / 'far' / 'syncd.db'}", Clock())
    ensure_builtin(opened, SITE)
    yield opened
    opened.close()


@pytest.fixture
def there(far: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    connections = Connections(far, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    parts = Parts(far, Cases(far, site=SITE), connections, lambda _: None, Clock(), TOKEN, public_url=SITE)
    monkeypatch.setenv("SYNCD_TOKEN", TOKEN)
    with serve(create(parts)) as url:
        yield url


def _made(db: Database) -> dict[str, str]:
    with db.read() as tx:
        return {name: one.path for name, one in connectors.all_of(tx).items()}


def test_both_paths_are_made_there(
    syncd: Syncd, far: Database, there: str, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = ("--server", there)
    where = ("--where", pagerduty.account.api_url)
    monkeypatch.setenv(SECRET, KEYS.full)
    assert syncd("integrations", "add", "acme", "--email", BOT_EMAIL, *where, *FLAGS, *at).code == 0
    first = syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout", *at)
    assert (first.code, first.out.splitlines()[-1]) == (0, "checkout opens incidents on Checkout for cases.")
    monkeypatch.setenv(SECRET, KEYS.payments)
    by_key = ("--path", "service_key", "--service-name", "Payments", *where)
    second = syncd("connectors", "add", "payments", *by_key, *at, "--priority", "P1=critical")
    assert second.code == 0, second.err
    assert second.out.startswith("P1 = critical\n")
    assert "Mind: Cases that name no connector go on to checkout, by the rule everything-else" in second.err
    assert KEYS.payments not in second.out + second.err
    assert _made(far) == {"checkout": "bidirectional", "payments": "service_key"}
    file = syncd("connectors", "add", "third", *by_key, *at, "--ca-file", "ca.pem")
    assert (file.code, "is a file of the daemon's machine" in file.err) == (2, True)
