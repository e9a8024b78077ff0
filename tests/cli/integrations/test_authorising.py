"""Connecting by OAuth from the outside: what is printed, what is waited for, and that no secret shows."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path

import httpx
import pytest

from syncd.cli.integrations import authorising as command
from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.oauth import authorising
from syncd.connections.oauth.authorising import Begun
from syncd.settings import load
from syncd.simulator import BOT_EMAIL, Simulator
from syncd.simulator.oauth import Client
from syncd.store import integrations
from syncd.store.database import Database
from syncd.systems.pagerduty.oauth import NEEDED
from tests.cli.conftest import SECRET, Syncd
from tests.parts.loopback import LOOPBACK
from tests.parts.terms import FLAGS

CLIENT_SECRET = "client-secret-of-acme-0000"
HERE, PUBLIC = "http://127.0.0.1:8082/oauth/callback", "https://syncd.test/oauth/callback"


@pytest.fixture
def words(pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    pagerduty.oauth.register(Client("C1", CLIENT_SECRET, "scoped", NEEDED, (HERE, PUBLIC)))
    pagerduty.oauth.register(Client("C2", CLIENT_SECRET, "app", NEEDED))
    monkeypatch.setenv(SECRET, CLIENT_SECRET)
    return ("integrations", "authorise", "acme", *FLAGS, "--where", pagerduty.account.api_url)


def connected(store: Database) -> bool:
    with store.read() as tx:
        return integrations.get(tx, "acme") is not None


class Browser(io.StringIO):
    """Whoever reads from it finds the address that a person copied out of theirs, after they agreed."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: Begun | None = None

    def readline(self, _size: int | None = -1, /) -> str:  # type: ignore[override]  # as StringIO itself has it
        assert self.begun is not None
        return httpx.get(self.begun.url, trust_env=False).headers["location"] + "\n"


def _browse(monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser, begin = Browser(), authorising.begin

    def opened(*given: object) -> Begun:
        browser.begun = begin(*given)  # type: ignore[arg-type]  # as they are
        return browser.begun

    monkeypatch.setattr(authorising, "begin", opened)
    monkeypatch.setattr(sys, "stdin", browser)
    return browser


def test_the_pasted_address_connects_it(
    syncd: Syncd, store: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    _browse(monkeypatch)
    ended = syncd(*words, "--client-id", "C1")
    assert ended.code == 0, ended.err
    assert ended.out.endswith(" Users: 4; services: 2; token: user; writes as ana.lima@example.com.\n")
    assert f"Redirect URL, exactly: {HERE}" in ended.err
    assert CLIENT_SECRET not in ended.out + ended.err
    assert connected(store)


def test_without_an_application_it_says_how_to_register_one(syncd: Syncd, words: tuple[str, ...]) -> None:
    ended = syncd(*words)
    assert ended.code == 2
    assert "webhook_subscriptions.write" in ended.err
    assert ended.err.endswith("syncd: No application is named; register one as above, and give its --client-id.\n")


def test_an_application_is_connected_at_once(syncd: Syncd, words: tuple[str, ...], pagerduty: Simulator) -> None:
    app = (*words, "--client-id", "C2", "--kind", "app")
    ended = syncd(*app, "--email", BOT_EMAIL)
    assert (ended.code, "name its subdomain by --subdomain" in ended.err) == (2, True)
    ended = syncd(*app, "--email", BOT_EMAIL, "--subdomain", "simulated")
    where = f"acme is connected to simulated.pagerduty.com ({pagerduty.account.api_url})."
    said = f"{where} Users: 4; services: 2; token: account; writes as {BOT_EMAIL}.\n"
    assert (ended.code, ended.out) == (0, said)


def test_with_a_public_address_it_waits_for_the_browser(
    syncd: Syncd, home: Path, store: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    monkeypatch.setattr(command, "_LOOK_EVERY", 0.05)
    browser = _browse(monkeypatch)
    begin = authorising.begin

    def visited(*given: object) -> Begun:
        made = begin(*given)  # type: ignore[arg-type]  # as they are
        threading.Thread(target=come_back).start()
        return made

    def come_back() -> None:
        vault = open_vault(load(None), store)
        authorising.finish(Setup(store, vault, store.clock, LOOPBACK), authorising.parts_of(browser.readline()))

    monkeypatch.setattr(authorising, "begin", visited)
    ended = syncd(*words, "--client-id", "C1")
    assert ended.code == 0, ended.err
    assert "acme is connected to simulated.pagerduty.com " in ended.out


def test_ctrl_c_ends_only_the_waiting(
    syncd: Syncd, store: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = _browse(monkeypatch)

    def interrupt(_size: int | None = -1, /) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(browser, "readline", interrupt)
    ended = syncd(*words, "--client-id", "C1")
    assert (ended.code, "Nothing is lost" in ended.err, connected(store)) == (130, True, False)
