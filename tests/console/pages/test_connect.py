"""Connecting an account on a page, and managing it: the key is tried first, shown to nobody, and every answer is a sentence."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.flow.access import people
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from syncd.simulator.account import Withheld
from syncd.store import hook_secrets, integrations
from syncd.store.database import Database
from tests.console.conftest import TOKEN
from tests.parts.loopback import LOOPBACK

from .operated import plain

SITE = "https://syncd.test"
PASSWORD = "correct horse battery"


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        made.carriage.hold = True
        yield made


@pytest.fixture
def person(parts: Parts) -> Iterator[httpx.Client]:
    connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    with (
        serve(create(replace(parts, connections=connections, public_url=SITE))) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        client.post("/login", data={"name": "Ops", "token": TOKEN, "next": "/connect"})
        yield client


def _press(
    person: httpx.Client, on: str, address: str, fields: dict[str, str] | None = None, *, by_script: bool = False
) -> httpx.Response:
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', person.get(on).text)
    assert token is not None
    headers = {"HX-Request": "true"} if by_script else {}
    return person.post(address, data={"form_token": token[1], **(fields or {})}, headers=headers)


@pytest.fixture
def form(pagerduty: Simulator) -> dict[str, str]:
    return {"name": "pager", "where": pagerduty.account.api_url, "secret": KEYS.full}


def _connected(person: httpx.Client, form: dict[str, str]) -> httpx.Response:
    fields = {**form, "email": BOT_EMAIL, "consent": "yes", "two_way": "yes"}
    return _press(person, "/connect", "/connect", fields)


def test_what_a_key_reaches_is_shown_before_anything_is_stored(
    person: httpx.Client, form: dict[str, str], store: Database
) -> None:
    piece = _press(person, "/connect", "/connect/look", form, by_script=True)
    assert "Reached simulated.pagerduty.com" in plain(piece.text)
    assert f'<option value="{BOT_EMAIL}">' in piece.text
    assert "<form" not in piece.text, "the form stays as it is, with the key in it"
    whole = _press(person, "/connect", "/connect/look", form)
    assert "Reached simulated.pagerduty.com" in plain(whole.text)
    assert KEYS.full not in piece.text + whole.text
    with store.read() as tx:
        assert integrations.get(tx, "pager") is None


def test_an_account_is_connected_and_its_page_opens(
    person: httpx.Client, form: dict[str, str], store: Database
) -> None:
    done = _connected(person, form)
    assert (done.status_code, done.headers["location"]) == (303, "/integrations/pager")
    words = plain(person.get("/integrations/pager").text)
    assert "account simulated.pagerduty.com" in words
    assert f"writes as {BOT_EMAIL}" in words
    assert "Ops" in words.partition("consent")[2]


@pytest.mark.parametrize(
    ("other", "code"),
    [({"secret": "u+aaaaaaaaaaaaaaaaaaaa"}, "PAG-100-A"), ({"secret": ""}, ""), ({"name": "no name!"}, "")],
)
def test_what_is_refused_is_said_with_its_code_and_what_was_typed_stays(
    person: httpx.Client, form: dict[str, str], store: Database, other: dict[str, str], code: str
) -> None:
    for address in ("/connect/look", "/connect"):
        refused = _press(person, "/connect", address, {**form, "consent": "yes", "email": BOT_EMAIL, **other})
        assert refused.status_code == 409
        assert 'role="alert"' in refused.text
        assert code in refused.text
        assert html.escape(form["where"]) in refused.text
        assert KEYS.full not in refused.text


def test_nobody_is_connected_without_consent(person: httpx.Client, form: dict[str, str], store: Database) -> None:
    refused = _press(person, "/connect", "/connect", {**form, "email": BOT_EMAIL})
    assert refused.status_code == 409
    with store.read() as tx:
        assert integrations.get(tx, "pager") is None


def test_its_webhook_is_made_with_it_and_proved_by_its_ping(
    person: httpx.Client, form: dict[str, str], pagerduty: Simulator, parts: Parts
) -> None:
    _connected(person, form)
    on = "/integrations/pager"
    (subscription,) = pagerduty.account.subscriptions.values()
    assert subscription.url == f"{SITE}/hooks/pager"
    assert subscription.active
    assert f"made, waiting for its ping since {subscription.id}" in _without_moment(plain(person.get(on).text))
    (ping,) = [json.loads(one.body) for one in pagerduty.courier.take()]
    assert ping["event"]["event_type"] == "pagey.ping", "it was asked for"
    with parts.database.write() as tx:
        (kept,) = hook_secrets.listing(tx, "pager")
        hook_secrets.prove(tx, [kept.id], parts.database.now(tx))
    with person.stream("GET", f"{on}/events") as told:
        assert any("proved" in line for line in told.iter_lines())
    assert "proved by the ping at" in plain(person.get(on).text)
    tested = plain(_press(person, on, f"{on}/manage/test").text)
    assert "credential: accepted" in tested


def _without_moment(words: str) -> str:
    return re.sub(r"since .* UTC \((\w+)\)", r"since \1", words)


@pytest.fixture
def unreachable(parts: Parts) -> Iterator[httpx.Client]:
    """Without a public URL."""
    connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    with (
        serve(create(replace(parts, connections=connections, public_url=""))) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        client.post("/login", data={"name": "Ops", "token": TOKEN, "next": "/connect"})
        yield client


def test_without_a_public_url_it_is_said_that_no_webhook_was_made_and_what_to_do(
    unreachable: httpx.Client, form: dict[str, str], pagerduty: Simulator
) -> None:
    assert "No webhook is made without one" in plain(unreachable.get("/connect").text)
    assert _connected(unreachable, form).status_code == 303
    assert not pagerduty.account.subscriptions
    words = plain(unreachable.get("/integrations/pager").text)
    assert "None can be made, since public_url is not set" in words
    assert "Set SYNCD_PUBLIC_URL for every part" in words


def test_an_account_whose_webhook_is_refused_is_connected_and_says_so(
    person: httpx.Client, form: dict[str, str], pagerduty: Simulator
) -> None:
    pagerduty.people.withhold(KEYS.full, Withheld("/webhook_subscriptions"))
    done = _connected(person, form)
    assert (done.status_code, done.headers["location"]) == (303, "/integrations/pager")
    words = plain(person.get("/integrations/pager").text)
    assert "its webhook was not made:" in words
    assert "None was made" in words
    pagerduty.people.grant(KEYS.full, "/webhook_subscriptions")
    made = _press(person, "/integrations/pager", "/integrations/pager/manage/webhook")
    assert "PagerDuty made subscription" in plain(made.text)


def test_a_disconnected_account_is_reconnected_there(
    person: httpx.Client, form: dict[str, str], pagerduty: Simulator, store: Database
) -> None:
    _connected(person, form)
    pagerduty.people.revoke(KEYS.full)
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "pager", code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    on = "/integrations/pager"
    refused = _press(person, on, f"{on}/manage/reconnect")
    assert refused.status_code == 409
    assert "PAG-100-B" in refused.text
    pagerduty.people.restore(KEYS.full)
    assert "accepted again" in plain(_press(person, on, f"{on}/manage/reconnect").text)
    taken = _press(person, on, f"{on}/manage/reconnect", {"secret": KEYS.full})
    assert "has its new credential" in plain(taken.text)
    assert KEYS.full not in taken.text


def test_ways_are_switched_and_the_account_is_removed_by_its_name(
    person: httpx.Client, form: dict[str, str], store: Database
) -> None:
    _connected(person, form)
    on = "/integrations/pager"
    _press(person, on, f"{on}/manage/two-way", {"on": "no"})
    assert "one way" in plain(person.get(on).text)
    asked = _press(person, on, f"{on}/manage/remove", {"sure": ""})
    assert asked.status_code == 409
    assert "Write pager beside the button" in plain(asked.text)
    gone = _press(person, on, f"{on}/manage/remove", {"sure": "pager"})
    assert gone.headers["location"] == "/integrations"
    with store.read() as tx:
        assert integrations.get(tx, "pager") is None
    assert _press(person, "/connect", f"{on}/manage/test").status_code == 404


def test_an_operator_connects_and_manages_nothing(parts: Parts, person: httpx.Client, form: dict[str, str]) -> None:
    _connected(person, form)
    people.add(parts.database, name="Op", role=Role.OPERATOR, password=PASSWORD, by="test")
    person.cookies.clear()
    person.post("/login", data={"name": "Op", "token": PASSWORD, "next": "/links"})
    assert person.get("/connect").status_code == 403
    assert "Manage" not in plain(person.get("/integrations/pager").text)
    assert (
        _press(person, "/integrations/pager", "/integrations/pager/manage/remove", {"sure": "pager"}).status_code == 403
    )
