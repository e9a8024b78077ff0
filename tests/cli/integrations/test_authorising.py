"""Connecting by OAuth from the outside: what is printed, what is waited for, and that no secret shows."""

from __future__ import annotations

import io
import sys
import threading
from pathlib import Path

import httpx
import pytest

from syncd.cli.integrations import authorising as command
from syncd.configuration import load
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.setup import Setup
from syncd.connections.master_key import open_vault
from syncd.connections.oauth import authorising
from syncd.connections.oauth.authorising import Begun
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
    assert ended.out.endswith(" Users: 4; services: 2; token: user; writes as ana.lima@example.com; sync: two-way.\n")
    assert f"Redirect URL, exactly: {HERE}" in ended.err
    assert CLIENT_SECRET not in ended.out + ended.err
    assert connected(store)


def test_without_an_application_it_says_how_to_register_one(syncd: Syncd, words: tuple[str, ...]) -> None:
    ended = syncd(*words)
    assert ended.code == 2
    assert "webhook_subscriptions.write" in ended.err
    assert ended.err.endswith(
        "syncd: No application is named; register one in PagerDuty under Integrations, App Registration, and give its client id "
        "(--client-id) and secret.\n"
    )


def test_an_account_that_is_connected_by_oauth_needs_no_more_than_its_name(
    syncd: Syncd, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pagerduty: Simulator
) -> None:
    _browse(monkeypatch)
    assert syncd(*words, "--client-id", "C1").code == 0
    monkeypatch.delenv(SECRET)
    ended = syncd("integrations", "authorise", "acme")
    assert ended.code == 0, ended.err
    assert ended.out.endswith("writes as ana.lima@example.com; sync: two-way.\n")
    assert "acme is agreed to again by what it is connected by: OAuth (scoped), client " in ended.err
    assert f"redirect URL there has to be, exactly: {HERE}" in ended.err
    assert "App Registration" not in ended.err
    assert "Mind: This token is Ana Lima's" in ended.err
    other = tmp_path / "secret"
    other.write_text("another-secret-of-acme-1111\n")
    pagerduty.oauth.register(Client("C1", "another-secret-of-acme-1111", "scoped", NEEDED, (HERE,)))
    assert "invalid_client" in syncd("integrations", "authorise", "acme").err
    renewed = syncd("integrations", "authorise", "acme", "--secret-file", str(other))
    assert renewed.code == 0, renewed.err


def test_so_does_one_that_an_application_is_connected_to(
    syncd: Syncd, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ("--client-id", "C2", "--kind", "app", "--email", BOT_EMAIL, "--subdomain", "simulated", "--one-way")
    assert syncd(*words, *app).code == 0
    monkeypatch.delenv(SECRET)
    ended = syncd("integrations", "authorise", "acme")
    assert ended.code == 0, ended.err
    assert ended.out.endswith(
        "sync: one-way. What happens in PagerDuty changes no case; `syncd integrations two-way acme on` changes that.\n"
    )


@pytest.mark.usefixtures("acme")
def test_one_that_is_connected_by_a_key_is_told_to_name_its_application(syncd: Syncd) -> None:
    ended = syncd("integrations", "authorise", "acme")
    assert ended.code == 2
    assert "\nsyncd: acme is not connected by OAuth, so no application is known; register one in PagerDuty" in ended.err


def test_an_application_is_connected_at_once(syncd: Syncd, words: tuple[str, ...], pagerduty: Simulator) -> None:
    app = (*words, "--client-id", "C2", "--kind", "app")
    ended = syncd(*app, "--email", BOT_EMAIL)
    assert (ended.code, "name its subdomain by --subdomain" in ended.err) == (2, True)
    ended = syncd(*app, "--email", BOT_EMAIL, "--subdomain", "simulated")
    where = f"acme is connected to simulated.pagerduty.com ({pagerduty.account.api_url})."
    said = f"{where} Users: 4; services: 2; token: account; writes as {BOT_EMAIL}; sync: two-way.\n"
    assert (ended.code, ended.out) == (0, said)


def _come_back(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser is sent to the daemon, beside the command that waits."""
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


def test_with_a_public_address_it_waits_for_the_browser(
    syncd: Syncd, home: Path, store: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "https://syncd.test")
    _come_back(store, monkeypatch)
    ended = syncd(*words, "--client-id", "C1")
    assert ended.code == 0, ended.err
    assert "acme is connected to simulated.pagerduty.com " in ended.out
    assert "Mind: This token is Ana Lima's: it ends with that user" in ended.err


def test_ctrl_c_ends_only_the_waiting(
    syncd: Syncd, store: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = _browse(monkeypatch)

    def interrupt(_size: int | None = -1, /) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(browser, "readline", interrupt)
    ended = syncd(*words, "--client-id", "C1")
    assert (ended.code, "Nothing is lost" in ended.err, connected(store)) == (130, True, False)


def test_who_agreed_is_sent_to_where_the_daemon_says_it_listens_and_not_to_the_port_of_the_hooks(
    syncd: Syncd, store: Database, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, pagerduty: Simulator
) -> None:
    """`syncd up --port 8098 --console-port 8099` is known to the daemon alone; the public address is that of the hooks."""
    ensure_builtin(store, "http://127.0.0.1:8099")
    monkeypatch.setenv("SYNCD_PUBLIC_URL", "http://127.0.0.1:8098")
    console = "http://127.0.0.1:8099/oauth/callback"
    pagerduty.oauth.register(Client("C1", CLIENT_SECRET, "scoped", NEEDED, (console,)))
    _come_back(store, monkeypatch)
    ended = syncd(*words, "--client-id", "C1")
    assert (ended.code, f"Redirect URL, exactly: {console}\n" in ended.err) == (0, True)
