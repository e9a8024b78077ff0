"""Making a connector of either path on its page, and removing one: what is offered, and what would go, is shown first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.joining.pagerduty import add_pagerduty
from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from syncd.store import connectors
from tests.console.conftest import TOKEN
from tests.parts.loopback import LOOPBACK
from tests.parts.terms import TERMS

from .operated import plain


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        made.carriage.hold = True
        yield made


@pytest.fixture
def person(parts: Parts, pagerduty: Simulator) -> Iterator[httpx.Client]:
    """An admin who is signed in; there is an account called beta."""
    vault = Vault(generate_key())
    setup = Setup(parts.database, vault, Clock(), LOOPBACK)
    where = pagerduty.account.api_url
    add_pagerduty(setup, "beta", api_key=KEYS.full, email=BOT_EMAIL, terms=TERMS, where=where)
    connections = Connections(parts.database, vault, Clock(), outgoing=LOOPBACK)
    with (
        serve(create(replace(parts, connections=connections))) as url,
        httpx.Client(base_url=url, timeout=60) as client,
    ):
        client.post("/login", data={"name": "Ops", "token": TOKEN, "next": "/connectors"})
        yield client


def _press(person: httpx.Client, act: str, fields: dict[str, str], *, by_script: bool = False) -> httpx.Response:
    token = re.search(r'name="form_token" value="([0-9a-f]+)"', person.get("/connectors").text)
    assert token is not None
    headers = {"HX-Request": "true"} if by_script else {}
    return person.post(f"/connectors/{act}", data={"form_token": token[1], **fields}, headers=headers)


def _paths(parts: Parts) -> dict[str, str]:
    with parts.database.read() as tx:
        return {name: one.path for name, one in connectors.all_of(tx).items()}


def test_what_an_account_offers_is_shown_and_one_is_made_there(person: httpx.Client, parts: Parts) -> None:
    offered = _press(person, "look", {"integration": "beta"}, by_script=True)
    assert '<option value="Checkout">' in offered.text
    assert "Proposed: P1 = P1, P2 = P2" in plain(offered.text)
    assert "<form" not in offered.text
    made = _press(
        person, "make", {"path": "bidirectional", "name": "checkout", "integration": "beta", "service": "Checkout"}
    )
    assert "checkout opens incidents on Checkout for cases." in plain(made.text)
    assert "by the rule everything-else" in plain(made.text)
    assert _paths(parts)["checkout"] == "bidirectional"


def test_the_other_services_that_a_case_may_ask_for_are_typed_one_a_line_and_shown(
    person: httpx.Client, parts: Parts
) -> None:
    fields = {"path": "bidirectional", "name": "checkout", "integration": "beta", "service": "Checkout"}
    refused = _press(person, "make", {**fields, "also": "Payments\r\n<Nowhere>"})
    assert (refused.status_code, "has no service &lt;Nowhere&gt;;" in refused.text) == (409, True), (
        "of the two it names that one"
    )
    assert "Payments\n&lt;Nowhere&gt;</textarea>" in refused.text.replace("\r", ""), "what was typed stays"
    made = _press(person, "make", {**fields, "also": " Payments \r\n\r\n"})
    assert "A case may ask for Payments in its place." in plain(made.text)
    with parts.database.read() as tx:
        assert [one.called for one in connectors.all_of(tx)["checkout"].others] == ["Payments"]
    assert "service Checkout also Payments where a case asks for it" in plain(person.get("/connectors").text)


def test_one_is_made_by_a_service_key_that_is_not_sent_back(
    person: httpx.Client, parts: Parts, pagerduty: Simulator
) -> None:
    fields = {"path": "service_key", "name": "by-key", "service_name": "Payments", "where": pagerduty.account.api_url}
    refused = _press(person, "make", {**fields, "secret": KEYS.full})
    assert (refused.status_code, "as a REST API key is" in plain(refused.text)) == (409, True)
    assert KEYS.full not in refused.text
    made = _press(person, "make", {**fields, "secret": KEYS.payments})
    assert "by-key sends events to Payments" in plain(made.text)
    assert KEYS.payments not in made.text
    assert _paths(parts)["by-key"] == "service_key"


def test_one_is_removed_by_its_name_after_what_goes_was_shown(person: httpx.Client, parts: Parts) -> None:
    planned = _press(person, "payments/remove", {})
    assert planned.status_code == 409
    assert "Write payments beside the button to remove it. With payments go: 0 live links" in plain(planned.text)
    assert "payments" in _paths(parts)
    gone = _press(person, "payments/remove", {"sure": "payments"})
    assert "payments was removed." in plain(gone.text)
    assert "payments" not in _paths(parts)
    assert _press(person, "nothing/remove", {"sure": "nothing"}).status_code == 404
