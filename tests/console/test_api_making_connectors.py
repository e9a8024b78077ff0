"""POST /v1/connectors: a connector of either path is made as by the command, once, and its key is in no answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from syncd.store import integrations
from syncd.store.database import Database
from tests.parts.loopback import LOOPBACK

from .access import add_account, asking, bearing, token
from .checked import create
from .conftest import TOKEN

PLACE = "/v1/connectors"
ON_BETA = {"by": "Ana", "name": "checkout", "integration": "beta", "service": "Checkout"}
BY_KEY = {"by": "Ana", "name": "by-key", "path": "service_key", "service_name": "Payments", "secret": KEYS.payments}


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        made.carriage.hold = True
        yield made


@pytest.fixture
def beta(parts: Parts, pagerduty: Simulator) -> Iterator[httpx.Client]:
    """With an account by this name."""
    connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with (
        serve(create(replace(parts, connections=connections))) as url,
        httpx.Client(base_url=url, headers=bearer, timeout=60) as client,
    ):
        where = {"where": pagerduty.account.api_url}
        fields = {"by": "Ana", "name": "beta", "secret": KEYS.full, "email": BOT_EMAIL, "consent": True, **where}
        assert client.post("/v1/integrations", json=fields).status_code == 201
        yield client


def _names(beta: httpx.Client) -> set[str]:
    return {one["name"] for one in beta.get(PLACE).json()["connectors"]}


def test_one_is_made_on_an_account_with_its_priorities_proposed_and_a_rule_for_the_other(
    beta: httpx.Client, pagerduty: Simulator
) -> None:
    for priority_id in list(pagerduty.account.priorities)[3:]:
        del pagerduty.account.priorities[priority_id]
    made = beta.post(PLACE, json=ON_BETA)
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["path"], told["service"], told["cases"]) == ("Bi-directional", "Checkout", "cases")
    assert told["priorities"] == [{"case": one, "name": one} for one in ("P1", "P2", "P3")]
    assert told["unmapped"] == ["P4", "P5"]
    assert told["rule"] == "everything-else", "cases that name none go on to the connector there was"
    assert told["warnings"][0] == "Not mapped: P4, P5; such a priority is recorded and not sent."
    assert told["says"] == "checkout opens incidents on Checkout for cases."
    assert "checkout" in _names(beta)


def test_one_is_made_by_a_service_key_that_is_sealed_and_told_to_nobody(
    beta: httpx.Client, pagerduty: Simulator, store: Database
) -> None:
    made = beta.post(PLACE, json={**BY_KEY, "where": pagerduty.account.api_url})
    assert made.status_code == 201, made.text
    assert (made.json()["path"], made.json()["integration"]) == ("Service key", "by-key")
    assert made.json()["priorities"][0] == {"case": "P1", "name": "critical"}
    said = made.text + beta.get(PLACE).text + beta.get("/v1/actions").text
    assert KEYS.payments not in said
    with store.read() as tx:
        sealed = integrations.all_of(tx)["by-key"].sealed
    assert sealed is not None
    assert KEYS.payments.encode() not in sealed


def test_asked_for_twice_with_one_key_it_is_made_once(beta: httpx.Client, pagerduty: Simulator) -> None:
    fields = {**BY_KEY, "where": pagerduty.account.api_url}
    first, again = (beta.post(PLACE, json=fields, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert beta.post(PLACE, json=fields).status_code == 409
    other = beta.post(PLACE, json={**fields, "name": "other"}, headers={"Idempotency-Key": "k1"})
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        ({**ON_BETA, "integration": ""}, 422, "integration is missing; path bidirectional needs it"),
        ({**ON_BETA, "secret": KEYS.payments}, 422, "secret means nothing with path bidirectional"),
        ({**ON_BETA, "service": "Chekout"}, 404, "The account has no service Chekout"),
        ({**ON_BETA, "name": "payments"}, 409, "its path stays Bi-directional"),
        ({**BY_KEY, "service": "Payments"}, 422, "service means nothing with path service_key"),
        ({**BY_KEY, "secret": ""}, 422, "The service key is empty"),
        ({**BY_KEY, "secret": KEYS.full}, 422, "20 characters long, as a REST API key is"),
        ({**BY_KEY, "path": "both"}, 422, "path"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_nothing_is_made(
    beta: httpx.Client, fields: dict[str, str], status: int, says: str
) -> None:
    before = _names(beta)
    refused = beta.post(PLACE, json=fields)
    assert (refused.status_code, says in refused.text) == (status, True), refused.text
    assert KEYS.full not in refused.text
    assert KEYS.payments not in refused.text
    assert _names(beta) == before


@pytest.mark.anyio
async def test_only_whoever_manages_all_accounts_makes_one(parts: Parts) -> None:
    """It makes a rule beside another one, and rules send cases from one account to another."""
    add_account(parts.database, "other")
    given = [
        token(parts.database, Role.OPERATOR),
        token(parts.database, Role.ADMIN, "narrow", scope=["other"]),
    ]
    async with asking(parts) as client:
        answers = [(await client.post(PLACE, headers=bearing(one), json=ON_BETA)).status_code for one in given]
    assert answers == [403, 403]
