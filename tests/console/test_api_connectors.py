"""/v1/connectors: what there is is listed, and one is removed by whoever may touch its account."""

from __future__ import annotations

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.store import integrations
from tests.console.access import add_account, asking, bearing, token

PLACE = "/v1/connectors/payments"


def test_one_is_listed_planned_and_removed(api: httpx.Client) -> None:
    (listed,) = api.get("/v1/connectors").json()["connectors"]
    assert (listed["name"], listed["path"], listed["service"]) == ("payments", "Bi-directional", "Payments")
    planned = api.request("DELETE", PLACE, json={"by": "Ana", "dry_run": True}).json()
    assert (planned["live_links"], planned["says"][:39]) == (0, "With payments go: 0 live links; 0 chang")
    assert len(api.get("/v1/connectors").json()["connectors"]) == 1
    removed = api.request("DELETE", PLACE, json={"by": "Ana"})
    assert removed.json()["says"].startswith("payments was removed.")
    assert api.get("/v1/connectors").json() == {"connectors": []}
    assert api.request("DELETE", PLACE, json={"by": "Ana"}).status_code == 404


def test_one_whose_account_is_disconnected_says_what_mends_it(api: httpx.Client, parts: Parts) -> None:
    (listed,) = api.get("/v1/connectors").json()["connectors"]
    assert (listed["state"], listed["banner"]) == ("connected", "")
    with parts.database.write() as tx:
        now = parts.database.now(tx)
        integrations.disconnect(tx, listed["integration"], code="PAG-100-B", reason="No.", now=now, probe_at=now)
    (away,) = api.get("/v1/connectors").json()["connectors"]
    assert away["state"] == "disconnected PAG-100-B"
    assert f"`syncd integrations rotate {listed['integration']}`" in away["banner"]


@pytest.mark.anyio
async def test_a_token_of_another_account_sees_and_removes_none(parts: Parts) -> None:
    (integration,) = [one["integration"] for one in await _listed(parts, token(parts.database, Role.ADMIN))]
    add_account(parts.database, "other")
    foreign = token(parts.database, Role.ADMIN, "foreign", scope=["other"])
    mine = token(parts.database, Role.ADMIN, "mine", scope=[integration])
    assert await _listed(parts, foreign) == []
    assert len(await _listed(parts, mine)) == 1
    async with asking(parts) as client:
        answers = [
            (await client.request("DELETE", place, headers=bearing(given), json={"by": "Eve"})).status_code
            for place, given in ((PLACE, foreign), ("/v1/connectors/nothing", foreign), (PLACE, mine))
        ]
    assert answers == [403, 403, 200]


async def _listed(parts: Parts, given: str) -> list[dict[str, str]]:
    async with asking(parts) as client:
        found: list[dict[str, str]] = (await client.get("/v1/connectors", headers=bearing(given))).json()["connectors"]
    return found
