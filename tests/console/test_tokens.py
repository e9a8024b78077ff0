"""Tokens over HTTP: whose name is recorded, what a scoped one sees, when its use is noted, and how they are made and revoked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import httpx
import pytest

from syncd.clock import Clock, StoppedClock
from syncd.console.parts import Parts
from syncd.core.changes import Side
from syncd.core.link import Link, LinkState
from syncd.core.permissions import Role
from syncd.core.reasons import Outcome, Reason
from syncd.store import api_tokens, deliveries, links, removal
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.store.deliveries import Delivery

from .access import add_account, asking, bearing, token
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
CASE = {"title": "Checkout is slow", "by": "Ana Lima"}


async def test_what_a_token_does_is_recorded_under_its_name_whoever_it_says_it_is(parts: Parts, desk: Cases) -> None:
    given = token(parts.database, Role.OPERATOR, "night watch")
    async with asking(parts) as client:
        claimed = await client.post("/v1/cases", headers=bearing(given), json=CASE)
        unnamed = await client.post("/v1/cases", headers=bearing(given), json={"title": "Another"})
        local = await client.post("/v1/cases", headers=bearing(TOKEN), json=CASE)
        nobody = await client.post("/v1/cases", headers=bearing(TOKEN), json={"title": "Another"})
        broken = await client.post("/v1/cases", headers=bearing(given), content=b"[1")
    actors = [desk.file(one.json()["key"]).timeline[0].actor for one in (claimed, unnamed, local)]
    assert actors == ["night watch", "night watch", "Ana Lima"]
    assert (nobody.status_code, broken.status_code) == (422, 422)


async def test_lists_of_a_scoped_token_have_only_what_is_of_its_accounts(parts: Parts) -> None:
    for slug in ("acme", "other"):
        add_account(parts.database, slug)
    mine, foreign = (_linked(parts.database, slug) for slug in ("acme", "other"))
    given = bearing(token(parts.database, Role.OPERATOR, scope=["acme"]))
    async with asking(parts) as client:
        listed = (await client.get("/v1/links", headers=given)).json()["links"]
        about = (await client.get(f"/v1/links?about={foreign['link']}", headers=given)).json()["links"]
        rows = (await client.get("/v1/deliveries?limit=1", headers=given)).json()["deliveries"]
        seen = [await client.get(f"/v1/links/{one['link']}", headers=given) for one in (mine, foreign)]
        told = [await client.get(f"/v1/deliveries/{one['row']}", headers=given) for one in (mine, foreign)]
        parked = [
            await client.post("/v1/deliveries/park", headers=given, json={"ids": [one["row"]], "why": "a test"})
            for one in (mine, foreign)
        ]
        looked = [
            await client.post("/v1/repairs", headers=given, json={"since": "2026-11-22T00:00:00Z", **which})
            for which in ({"integration": "acme"}, {"integration": "other"}, {})
        ]
        everything = (await client.get("/v1/links", headers=bearing(TOKEN))).json()["links"]
    assert [one["id"] for one in listed] == [mine["link"]]
    assert about == []
    assert [one["id"] for one in rows] == [mine["row"]]
    assert [one.status_code for one in seen] == [200, 403]
    assert [one.status_code for one in told] == [200, 403]
    assert [one.status_code == 403 for one in parked] == [False, True]
    assert [one.status_code == 403 for one in looked] == [False, True, True]
    assert len(everything) == 2


def _linked(store: Database, slug: str) -> Mapping[str, int]:
    now = store.clock.now()
    with store.write() as tx:
        made = links.create(
            tx,
            Link("", "cases", f"CS-{slug}", slug, state=LinkState.OPENING),
            key=f"syncd:{slug}",
            title="t",
            body="b",
            shard=1,
            now=now,
        )
        row = Delivery(
            recorded_at=now,
            direction=deliveries.direction(Side.CASE),
            change="acknowledge",
            outcome=Outcome.APPLIED,
            reason=Reason.CHANGED,
            integration=slug,
            link_id=made.id,
        )
        deliveries.record_many(tx, [row])
        return {"link": made.id, "row": deliveries.find(tx, {"link_id": made.id})[0]["id"]}


async def test_the_use_of_a_token_is_noted_to_the_minute_also_when_its_request_is_refused(parts: Parts) -> None:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    given = bearing(token(store, Role.VIEWER))
    noted = []
    async with asking(replace(parts, database=store)) as client:
        for seconds, path in ((0, "/v1/cases"), (59, "/v1/cases"), (2, "/v1/links/77")):
            clock.forward(seconds)
            await client.get(path, headers=given)
            with store.read() as tx:
                noted.append(api_tokens.listing(tx)[0].last_used_at)
    begun = clock.now() - timedelta(seconds=61)
    store.close()
    assert noted == [begun, begun, begun + timedelta(seconds=61)]


async def test_a_token_is_made_listed_and_revoked_and_shown_once(parts: Parts) -> None:
    add_account(parts.database, "acme")
    asked = {"name": "ci", "role": "operator", "integrations": ["acme"], "expires_days": 90, "by": "Ana Lima"}
    async with asking(parts) as client:
        made = await client.post("/v1/tokens", headers=bearing(TOKEN), json=asked)
        again = await client.post("/v1/tokens", headers=bearing(TOKEN), json=asked)
        strange = await client.post(
            "/v1/tokens", headers=bearing(TOKEN), json={**asked, "name": "x", "integrations": ["none"]}
        )
        listed = await client.get("/v1/tokens", headers=bearing(TOKEN))
        gone = await client.post("/v1/tokens/ci/revoke", headers=bearing(TOKEN), json={"by": "Ben Osei"})
        used = await client.get("/v1/integrations", headers=bearing(made.json()["token"]))
    assert (made.status_code, again.status_code, strange.status_code) == (201, 409, 404)
    assert made.json()["token"] not in listed.text
    assert "token" not in listed.json()["tokens"][0]
    assert {**asked, "created_by": "Ana Lima", "state": "good"}.items() >= {
        (name, listed.json()["tokens"][0][name]) for name in ("name", "role", "created_by", "state")
    }
    assert (gone.json()["changed"], gone.json()["revoked_by"]) == (True, "Ben Osei")
    assert (used.status_code, used.json()["code"]) == (401, "SYN-API-REVOKED")


async def test_a_token_ends_after_90_days_unless_somebody_says_never(parts: Parts) -> None:
    clock = StoppedClock(Clock().now())
    store = Database(parts.database.url.render_as_string(hide_password=False), clock)
    async with asking(replace(parts, database=store)) as client:

        async def made(name: str, **more: object) -> httpx.Response:
            asked = {"name": name, "role": "viewer", "by": "Ana Lima", **more}
            return await client.post("/v1/tokens", headers=bearing(TOKEN), json=asked)

        usual, eternal, short = (
            await made("usual"),
            await made("eternal", expires_days="never"),
            await made("short", expires_days=14),
        )
        refused = [(await made("none", expires_days=value)).status_code for value in (None, 0, "90d")]
        listed = (await client.get("/v1/tokens", headers=bearing(TOKEN))).json()["tokens"]
        clock.forward(timedelta(days=90).total_seconds())
        used = [await client.get("/v1/cases", headers=bearing(one.json()["token"])) for one in (usual, eternal)]
    store.close()
    ends = {one["name"]: one["expires_at"] for one in listed}
    assert datetime.fromisoformat(ends["usual"]) - datetime.fromisoformat(ends["short"]) == timedelta(days=76)
    assert ends["eternal"] is None
    assert "usual expires at" in usual.json()["says"]
    assert "eternal never expires: it opens until it is revoked" in eternal.json()["says"]
    assert {one["name"] for one in listed if one["ends_soon"]} == {"short"}
    assert short.json()["expires_at"] == ends["short"]
    assert refused == [422, 422, 422]
    assert [one.status_code for one in used] == [401, 200]


async def test_the_database_keeps_no_token(parts: Parts) -> None:
    given = token(parts.database, Role.ADMIN)
    secret = given.rpartition("_")[2]
    with parts.database.read() as tx:
        row = api_tokens.listing(tx)[0]
    assert secret.encode() not in row.digest
    assert len(row.digest) == 32
    assert given not in repr(row)


async def test_an_account_that_is_not_there_is_authorised_only_by_who_may_add_one(parts: Parts) -> None:
    add_account(parts.database, "acme")
    scoped, whole = bearing(token(parts.database, Role.ADMIN, scope=["acme"])), bearing(TOKEN)
    asked = {"client_id": "C1", "secret": "client-secret-of-acme-0000", "by": "Ana", "consent": True}
    async with asking(parts) as client:
        there = await client.post("/v1/integrations/acme/authorise", headers=scoped, json=asked)
        with parts.database.write() as tx:
            removal.forget(tx, "acme")
        refused = await client.post("/v1/integrations/acme/authorise", headers=scoped, json=asked)
        begun = await client.post("/v1/integrations/acme/authorise", headers=whole, json=asked)
    assert (there.status_code, begun.status_code) == (202, 202)
    assert (refused.status_code, refused.json()["code"]) == (403, "SYN-API-SCOPE")
    assert "this would add an account" in refused.json()["detail"]
