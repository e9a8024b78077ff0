"""Connecting by OAuth on a page: the address to open, how it ended, and agreeing again with nothing typed; no secret is shown."""

from __future__ import annotations

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
from syncd.simulator.oauth import Client
from syncd.store import actions, integrations
from syncd.store.actions import Asked
from syncd.store.database import Database
from syncd.systems.pagerduty.oauth import NEEDED
from tests.console.conftest import TOKEN
from tests.parts.loopback import LOOPBACK

from .operated import plain

BACK, SECRET, PASSWORD = "http://syncd.test/oauth/callback", "client-secret-of-acme-0000", "correct horse battery"
ON, FORM = "/integrations/pager", "/connect/oauth"


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        made.oauth.register(Client("C1", SECRET, "scoped", NEEDED, (BACK,)))
        made.oauth.register(Client("C2", SECRET, "app", NEEDED))
        yield made


@pytest.fixture
def person(parts: Parts) -> Iterator[httpx.Client]:
    connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    with (
        serve(create(replace(parts, connections=connections))) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        client.post("/login", data={"name": "Ops", "token": TOKEN, "next": FORM})
        yield client


@pytest.fixture
def form(pagerduty: Simulator) -> dict[str, str]:
    where = pagerduty.account.api_url
    return {"name": "pager", "where": where, "client_id": "C1", "secret": SECRET, "kind": "scoped", "consent": "yes"}


def press(person: httpx.Client, on: str, address: str, fields: dict[str, str] | None = None) -> httpx.Response:
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', person.get(on).text)
    assert token is not None
    return person.post(address, data={"form_token": token[1], **(fields or {})})


def opened(shown: httpx.Response) -> str:
    """The address that a person is shown to open."""
    assert shown.status_code == 200, shown.text
    found = re.search(r'<a class="button" href="([^"]+)" target="_blank" rel="noopener noreferrer">', shown.text)
    assert found is not None
    return found[1].replace("&amp;", "&")


def own(shown: httpx.Response) -> str:
    found = re.search(rf'<a href="({ON}/authorisations/[0-9a-f]+)">', shown.text)
    assert found is not None
    return found[1]


def agree(person: httpx.Client, shown: httpx.Response) -> httpx.Response:
    """A browser goes there, and comes back."""
    came = httpx.get(opened(shown), trust_env=False).headers["location"]
    return person.get(came.removeprefix("http://syncd.test"))


def test_a_person_is_shown_where_to_agree_and_then_how_it_ended(
    person: httpx.Client, form: dict[str, str], store: Database, pagerduty: Simulator
) -> None:
    shown = press(person, FORM, FORM, form)
    assert opened(shown).startswith(f"{pagerduty.account.api_url}/oauth/authorize?")
    assert "form-action 'self'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    assert "waiting" in plain(person.get(own(shown)).text)
    back = agree(person, shown)
    assert f'<a class="button" href="{ON}">' in back.text
    ended = person.get(own(shown))
    words = plain(ended.text)
    assert "connected pager is connected to simulated.pagerduty.com" in words
    assert "sync: one-way. What happens in PagerDuty changes no case; syncd integrations two-way pager on" in words
    assert "This token is Ana Lima" in words
    assert f'<a class="button" href="{ON}">Go to pager</a>' in ended.text
    assert "state=" not in ended.text, "the address is told once, to whoever began it"
    account = person.get(ON)
    assert not any(SECRET in one.text for one in (shown, back, ended, account))
    with store.read() as tx:
        assert integrations.all_of(tx)["pager"].consented_by == "Ops"
        rows = actions.listing(tx, Asked())
    assert not any(SECRET in str(row) for row in rows)


def test_an_account_is_agreed_to_again_with_nothing_typed(person: httpx.Client, form: dict[str, str]) -> None:
    agree(person, press(person, FORM, FORM, form))
    assert "Agree again" in plain(person.get(ON).text)
    again = press(person, ON, f"{ON}/authorisations/begin")
    agree(person, again)
    assert "connected pager is connected to" in plain(person.get(own(again)).text)


def test_an_application_is_connected_at_once_there_too(person: httpx.Client, form: dict[str, str]) -> None:
    app = {"client_id": "C2", "kind": "app", "email": BOT_EMAIL, "subdomain": "simulated", "two_way": "yes"}
    done = press(person, FORM, FORM, {**form, **app})
    assert "connected pager is connected to simulated.pagerduty.com" in plain(done.text)
    assert "sync: two-way." in plain(done.text)
    again = press(person, ON, f"{ON}/authorisations/begin")
    assert "connected pager is connected to" in plain(again.text)


def test_a_denial_is_shown_and_begun_again(person: httpx.Client, form: dict[str, str], pagerduty: Simulator) -> None:
    pagerduty.oauth.denies_next = True
    shown = press(person, FORM, FORM, form)
    assert agree(person, shown).status_code == 422
    ended = person.get(own(shown))
    assert "not connected The authorisation was denied in PagerDuty" in plain(ended.text)
    assert 'href="/connect/oauth?name=pager"' in ended.text


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ({"name": "no name!"}, "cannot be a name"),
        ({"secret": ""}, "no client id or no secret"),
        ({"client_id": ""}, "No application is named"),
        ({"client_id": "C" * 300}, "at most 255 characters"),
        ({"consent": ""}, "Nobody has consented"),
        ({"kind": "app", "client_id": "C2", "email": BOT_EMAIL}, "name its subdomain"),
    ],
)
def test_what_is_refused_is_said_and_what_was_typed_stays(
    person: httpx.Client, form: dict[str, str], store: Database, other: dict[str, str], says: str
) -> None:
    refused = press(person, FORM, FORM, {**form, **other})
    assert (refused.status_code, 'role="alert"' in refused.text) == (409, True)
    assert says in plain(refused.text)
    assert form["where"] in refused.text
    assert SECRET not in refused.text
    with store.read() as tx:
        assert "pager" not in integrations.all_of(tx)


def test_another_application_takes_over_without_new_terms(person: httpx.Client, form: dict[str, str]) -> None:
    agree(person, press(person, FORM, FORM, form))
    offered = person.get(f"{FORM}?name=pager")
    assert 'value="pager"' in offered.text
    assert 'name="consent"' not in offered.text
    assert "the one that is kept" in offered.text
    assert "required" not in offered.text.partition('name="client_id"')[2]
    same = press(person, FORM, FORM, {"name": "pager", "kind": "scoped"})
    assert "client_id=C1&" in opened(same)
    app = {"name": "pager", "client_id": "C2", "secret": SECRET, "kind": "app", "email": BOT_EMAIL}
    done = press(person, FORM, FORM, {**app, "subdomain": "simulated"})
    assert "connected pager is connected to" in plain(done.text)


def test_one_that_is_connected_by_a_key_is_not_offered_to_agree_again(
    person: httpx.Client, pagerduty: Simulator
) -> None:
    where = pagerduty.account.api_url
    fields = {"name": "pager", "where": where, "secret": KEYS.full, "email": BOT_EMAIL, "consent": "yes"}
    press(person, "/connect", "/connect", fields)
    assert "Agree again" not in plain(person.get(ON).text)
    refused = press(person, ON, f"{ON}/authorisations/begin")
    assert (refused.status_code, "is not connected by OAuth" in plain(refused.text)) == (409, True)
    assert press(person, ON, "/integrations/nobody/authorisations/begin").status_code == 404


def test_of_another_account_s_authorisation_nothing_is_shown(person: httpx.Client, form: dict[str, str]) -> None:
    shown = press(person, FORM, FORM, form)
    other = own(shown).replace("pager", "globex")
    assert (person.get(other).status_code, person.get(f"{other}/events").status_code) == (404, 404)


def test_a_viewer_sees_how_it_ended_and_begins_nothing(
    parts: Parts, person: httpx.Client, form: dict[str, str]
) -> None:
    shown = press(person, FORM, FORM, form)
    agree(person, shown)
    people.add(parts.database, name="Op", role=Role.OPERATOR, password=PASSWORD, by="test")
    person.cookies.clear()
    person.post("/login", data={"name": "Op", "token": PASSWORD, "next": "/links"})
    assert person.get(own(shown)).status_code == 200
    assert person.get(FORM).status_code == 403
    assert "Agree again" not in plain(person.get(ON).text)
    assert press(person, ON, f"{ON}/authorisations/begin").status_code == 403
