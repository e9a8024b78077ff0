"""Over HTTP: a write with an Idempotency-Key is done once."""

from __future__ import annotations

import httpx
import pytest

from syncd.console.contract.declared import OPERATIONS
from syncd.console.contract.document import document
from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.flow import once
from syncd.flow.once import Token
from syncd.store import connection_log
from tests.console.access import add_account, asking, bearing, token
from tests.console.conftest import TOKEN

pytestmark = pytest.mark.anyio
PAUSE = "/v1/integrations/acme/pause"
WHY = {"by": "Ana", "why": "a move"}


async def _pause(client: httpx.AsyncClient, given: str = TOKEN, key: str = "k1", **fields: str) -> httpx.Response:
    return await client.post(PAUSE, headers={**bearing(given), "Idempotency-Key": key}, json={**WHY, **fields})


async def test_sent_again_it_gets_the_same_answer_and_nothing_is_done_again(parts: Parts) -> None:
    add_account(parts.database, "acme")
    async with asking(parts) as client:
        first = await _pause(client)
        await client.post("/v1/integrations/acme/resume", headers=bearing(TOKEN), json={"by": "Ben"})
        again = await _pause(client)
        listed = (await client.get("/v1/integrations", headers=bearing(TOKEN))).json()["integrations"]
    assert first.json()["changed"]
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert {one["name"]: one["paused_at"] for one in listed}["acme"] is None


async def test_another_body_is_refused_and_another_token_has_keys_of_its_own(parts: Parts) -> None:
    add_account(parts.database, "acme")
    given = token(parts.database, Role.ADMIN)
    async with asking(parts) as client:
        await _pause(client)
        other = await _pause(client, why="something else")
        theirs = await _pause(client, given)
    assert (other.status_code, other.json()["code"]) == (422, "SYN-API-IDEMPOTENCY")
    assert (theirs.status_code, theirs.json()["changed"]) == (200, False)


async def test_while_it_is_being_done_it_is_not_done_beside(parts: Parts) -> None:
    add_account(parts.database, "acme")
    async with asking(parts) as client:
        sent = client.build_request("POST", PAUSE, json=WHY).content
        once.begin(parts.database, Token.of("", "k1", f"POST {PAUSE}", sent))
        beside = await _pause(client)
    assert (beside.status_code, beside.json()["code"], beside.headers["retry-after"]) == (409, "SYN-API-UNDERWAY", "1")
    with parts.database.read() as tx:
        assert connection_log.listing(tx, "acme") == []


async def test_what_was_refused_may_be_asked_again_under_its_key(parts: Parts) -> None:
    headers = {**bearing(TOKEN), "Idempotency-Key": "k1"}
    async with asking(parts) as client:
        missing = await client.post("/v1/integrations/later/pause", headers=headers, json=WHY)
        add_account(parts.database, "later")
        there = await client.post("/v1/integrations/later/pause", headers=headers, json=WHY)
    assert (missing.status_code, there.status_code) == (404, 200)


async def test_a_token_is_not_told_twice(parts: Parts) -> None:
    headers = {**bearing(TOKEN), "Idempotency-Key": "k1"}
    async with asking(parts) as client:
        made = await client.post("/v1/tokens", headers=headers, json={"by": "Ana", "name": "ci", "role": "viewer"})
        again = await client.post("/v1/tokens", headers=headers, json={"by": "Ana", "name": "ci", "role": "viewer"})
    assert (made.status_code, again.status_code, again.json()["code"]) == (201, 409, "SYN-API-ONCE")


def test_the_document_tells_of_the_key_on_every_write_and_on_nothing_else() -> None:
    takes = {
        one.place
        for one in OPERATIONS.values()
        if any(
            it["name"] == "Idempotency-Key" for it in document()["paths"][one.address][one.method.lower()]["parameters"]
        )
    }
    assert takes == {
        one.place for one in OPERATIONS.values() if one.method in {"POST", "DELETE"} and not one.makes_anew
    }
