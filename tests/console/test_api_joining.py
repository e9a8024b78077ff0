"""Accounts are connected, tested, renewed and removed by HTTP, and no answer tells a secret."""

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
from tests.parts.loopback import LOOPBACK

from .access import bearing, token
from .checked import create
from .conftest import TOKEN

FIELDS = {"by": "Ana", "email": BOT_EMAIL, "secret": KEYS.full, "consent": True, "two_way": True}


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        yield made


@pytest.fixture
def joining(parts: Parts) -> Iterator[httpx.Client]:
    connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with (
        serve(create(replace(parts, connections=connections))) as url,
        httpx.Client(base_url=url, headers=bearer, timeout=60) as client,
    ):
        yield client


def test_an_account_lives_by_http(joining: httpx.Client, pagerduty: Simulator) -> None:
    fields = {**FIELDS, "name": "beta", "where": pagerduty.account.api_url}
    assert joining.post("/v1/integrations", json={**fields, "consent": False}).status_code == 422
    made = joining.post("/v1/integrations", json=fields)
    assert (made.status_code, made.json()["account"]) == (201, "simulated.pagerduty.com")
    tested = joining.post("/v1/integrations/beta/test")
    assert tested.json()["credential"] == "accepted"
    acting = joining.post("/v1/integrations/beta/set", json={"by": "Ana", "act_as_person": True})
    assert acting.status_code == 200
    (beta,) = [one for one in joining.get("/v1/integrations").json()["integrations"] if one["name"] == "beta"]
    assert beta["acts_as_person"] is True
    assert beta["in_use"].startswith("API key …")
    assert beta["writes_as"] == "syncd-bot@example.com"
    renewed = joining.post("/v1/integrations/beta/rotate", json={"by": "Ben", "secret": KEYS.user})
    assert "personal key" in renewed.json()["warnings"][0]
    assert renewed.json()["says"].endswith("Writes go out as ana.lima@example.com (was syncd-bot@example.com).")
    alone = joining.post("/v1/integrations/beta/rotate", json={"by": "Ben", "secret": KEYS.full, "dry_run": True})
    assert (alone.status_code, "send move with them" in alone.text) == (422, True)
    sealed = joining.post("/v1/integrations/beta/webhook", json={"by": "Ben", "secret": "s" * 64})
    assert sealed.json()["hooks"] == "/hooks/beta"
    planned = joining.request("DELETE", "/v1/integrations/beta", json={"by": "Ana", "dry_run": True})
    assert planned.json()["says"].startswith("With beta go: no connector")
    removed = joining.request("DELETE", "/v1/integrations/beta", json={"by": "Ana"})
    assert removed.json()["says"].startswith("beta was removed.")
    log = joining.get("/v1/integrations/beta/log").json()["log"]
    assert [(row["kind"], row["by"]) for row in log] == [
        ("removed", "Ana"),
        ("updated", "Ben"),
        ("updated", "Ben"),
        ("updated", "Ben"),
        ("reinitiated", "Ben"),
        ("updated", "Ana"),
        ("connected", "Ana"),
        ("initiated", "Ana"),
    ]
    said = "".join(one.text for one in (made, tested, renewed, sealed, planned, removed))
    assert not any(secret in said for secret in (KEYS.full, KEYS.user, "s" * 64))


def test_an_account_is_moved_by_http(joining: httpx.Client, pagerduty: Simulator) -> None:
    assert joining.post(
        "/v1/integrations", json={**FIELDS, "name": "beta", "where": pagerduty.account.api_url}
    ).is_success
    with simulator(seed=6) as globex, serve(globex.app) as url:
        globex.account.api_url, globex.account.web_url = url, "https://globex.pagerduty.com"
        asked = {"by": "Ben", "secret": KEYS.full, "where": url, "move": True}
        planned = joining.post("/v1/integrations/beta/rotate", json={**asked, "dry_run": True}).json()
        assert planned["says"].startswith(
            "beta moves from simulated.pagerduty.com to globex.pagerduty.com. 0 links end,"
        )
        assert _account_of(joining, "beta")["account"] == "simulated.pagerduty.com"
        moved = joining.post("/v1/integrations/beta/rotate", json=asked)
        assert (moved.status_code, moved.json()["account"]) == (200, "globex.pagerduty.com")
        again = joining.post("/v1/integrations/beta/rotate", json=asked)
        assert (again.status_code, "leave move out" in again.text) == (409, True)
        unknown = joining.post("/v1/integrations/beta/rotate", json={**asked, "services": {"Checkout": "Till"}})
        assert unknown.status_code == 409
    beta = _account_of(joining, "beta")
    assert (beta["account"], beta["consented_by"]) == ("globex.pagerduty.com", "Ben")
    assert KEYS.full not in moved.text + again.text


def _account_of(joining: httpx.Client, name: str) -> dict[str, str]:
    found: list[dict[str, str]] = joining.get("/v1/integrations").json()["integrations"]
    return next(one for one in found if one["name"] == name)


def test_a_mistake_does_not_quote_the_secret(joining: httpx.Client) -> None:
    wrong = joining.post("/v1/integrations", json={"name": "beta", "secret": KEYS.full})
    assert wrong.status_code == 422
    assert KEYS.full not in wrong.text


def test_nobody_connects_an_account_without_the_token(joining: httpx.Client) -> None:
    del joining.headers["Authorization"]
    assert joining.post("/v1/integrations", json=FIELDS).status_code == 401
    assert joining.request("DELETE", "/v1/integrations/acme", json={"by": "Eve"}).status_code == 401


def test_a_token_for_one_account_is_not_told_what_another_is_called(
    joining: httpx.Client, pagerduty: Simulator, parts: Parts
) -> None:
    with simulator(seed=6) as globex, serve(globex.app) as url:
        globex.account.api_url, globex.account.web_url = url, "https://globex.pagerduty.com"
        for name, where in (("mine", pagerduty.account.api_url), ("hidden", url)):
            assert joining.post("/v1/integrations", json={**FIELDS, "name": name, "where": where}).is_success
        asked = {"by": "Ben", "secret": KEYS.full, "where": url, "move": True}
        told = []
        for scope in (["mine"], ["mine", "hidden"], []):
            headers = bearing(token(parts.database, Role.ADMIN, "-".join(scope) or "all", scope=scope))
            told.append(joining.post("/v1/integrations/mine/rotate", json=asked, headers=headers))
    assert [one.status_code for one in told] == [409] * 3
    assert ["hidden" in one.text for one in told] == [False, True, True]
    assert "under a name that is not this token's" in told[0].json()["detail"]
