"""`syncd integrations` on a daemon elsewhere: each command says there what it says here, and nothing happens on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.oauth import authorising
from syncd.connections.oauth.authorising import Begun
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve
from syncd.simulator.oauth import Client
from syncd.store import hook_secrets, integrations
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.systems.pagerduty.oauth import NEEDED
from tests.cli.conftest import SECRET, TOKEN, Ended, Syncd
from tests.parts.loopback import LOOPBACK
from tests.parts.terms import FLAGS

SITE, CLIENT_SECRET = "https://syncd.test", "client-secret-of-acme-0000"


@pytest.fixture
def far(tmp_path: Path, migrated_file: Path, pagerduty: Simulator) -> Iterator[Database]:
    (tmp_path / "far").mkdir()
    shutil.copy(migrated_file, tmp_path / "far" / "syncd.db")
    opened = Database(f"sqlite:///{tmp_path / 'far' / 'syncd.db'}", Clock())
    ensure_builtin(opened, SITE)
    pagerduty.carriage.hold = True
    yield opened
    opened.close()


@pytest.fixture
def there(far: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    connections = Connections(far, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    parts = Parts(far, Cases(far, site=SITE), connections, lambda _: None, Clock(), TOKEN, public_url=SITE)
    monkeypatch.setenv("SYNCD_TOKEN", TOKEN)
    monkeypatch.setenv(SECRET, KEYS.full)
    with serve(create(parts)) as url:
        monkeypatch.setenv("SYNCD_SERVER", url)
        yield url


def _names(db: Database) -> set[str]:
    with db.read() as tx:
        return set(integrations.all_of(tx))


@pytest.fixture
def acme(syncd: Syncd, there: str, pagerduty: Simulator) -> Ended:
    where = ("--where", pagerduty.account.api_url)
    ended = syncd("integrations", "add", "acme", "--email", BOT_EMAIL, *where, *FLAGS)
    assert ended.code == 0, ended.err
    return ended


def test_an_account_lives_elsewhere(
    syncd: Syncd, acme: Ended, far: Database, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert acme.out.startswith("acme is connected to simulated.pagerduty.com")
    assert f"Its hooks go to {SITE}/hooks/acme." in acme.out
    assert {row["name"] for row in syncd("integrations", "list", "-o", "json").json} == {"acme", *_names(far)}
    assert syncd("integrations", "test", "acme", "-o", "json").json["credential"] == "accepted"
    monkeypatch.setenv(SECRET, KEYS.user)
    renewed = syncd("integrations", "rotate", "acme")
    said = "acme has its new credential; what was held goes on within seconds. Writes go out as ana.lima@example.com (was syncd-bot@example.com).\n"
    assert renewed.out == said
    assert "personal key" in renewed.err
    changed = syncd("integrations", "set", "acme", "--consent")
    assert changed.out == "acme: consent was recorded before.\n"
    log = syncd("integrations", "log", "-o", "json").json
    assert [row["kind"] for row in log][:3] == ["updated", "updated", "reinitiated"]
    assert syncd("integrations", "log", "acme", "--limit", "1", "-o", "json").json == log[:1]
    kept = syncd("integrations", "remove", "acme")
    assert (kept.out.startswith("With acme go:"), "Nothing was removed" in kept.err) == (True, True)
    assert syncd("integrations", "remove", "acme", "--yes").out.splitlines()[-1].startswith("acme was removed.")
    assert "acme" not in _names(far) | _names(store)


def test_what_is_refused_there_ends_as_here(syncd: Syncd, acme: Ended) -> None:
    assert syncd("integrations", "test", "nobody").code == 4
    refused = syncd("integrations", "add", "more", "--email", BOT_EMAIL, *FLAGS, "--ca-file", "own.pem")
    assert (refused.code, "a file of the daemon's machine" in refused.err) == (2, True)


@pytest.mark.usefixtures("acme")
def test_its_webhook_is_made_and_replaced(syncd: Syncd, far: Database, pagerduty: Simulator) -> None:
    made = syncd("integrations", "webhook", "acme", "--create")
    (old,) = pagerduty.account.subscriptions.values()
    assert made.out == f"PagerDuty made subscription {old.id}; its secret is sealed.\n"
    assert old.url == f"{SITE}/hooks/acme"
    with far.read() as tx:
        assert [one.subscription for one in hook_secrets.ours(tx, "acme")] == [old.id]
    pagerduty.account.subscriptions.clear()
    assert "was deleted in PagerDuty" in syncd("integrations", "webhook", "acme", "--rotate").err
    pasted = syncd("integrations", "webhook", "acme")
    assert pasted.out == "acme: the secret is sealed; hooks signed with it are taken at /hooks/acme.\n"


@pytest.mark.parametrize("denies", [False, True], ids=["agrees", "denies"])
def test_it_is_connected_by_oauth(
    syncd: Syncd, there: str, far: Database, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch, denies: bool
) -> None:
    pagerduty.oauth.register(Client("C1", CLIENT_SECRET, "scoped", NEEDED, (f"{SITE}/oauth/callback",)))
    pagerduty.oauth.denies_next = denies
    monkeypatch.setenv(SECRET, CLIENT_SECRET)
    begin = authorising.begin

    def opened(*given: object) -> Begun:
        """Somebody opens the address as soon as there is one."""
        begun = begin(*given)  # type: ignore[arg-type]
        back = httpx.get(begun.url, trust_env=False).headers["location"]
        httpx.get(back.replace(SITE, there), trust_env=False)
        return begun

    monkeypatch.setattr(authorising, "begin", opened)
    where = ("--where", pagerduty.account.api_url)
    ended = syncd("integrations", "authorise", "acme", "--client-id", "C1", *where, *FLAGS)
    assert (ended.code, "acme" in _names(far)) == ((2, False) if denies else (0, True))
    assert ("denied in PagerDuty" in ended.err) is denies
    assert CLIENT_SECRET not in ended.out + ended.err
    if not denies:
        assert "Mind: This token is Ana Lima's" in ended.err
        monkeypatch.delenv(SECRET)
        again = syncd("integrations", "authorise", "acme")
        assert (again.code, "acme is connected to " in again.out) == (0, True), again.err
        nobody = syncd("integrations", "authorise", "globex")
        assert (nobody.code, "No application is named; register one" in nobody.err) == (2, True)
