"""/v1/connectors/{name}/mappings: within the accounts of whoever asks, tried without a trace, and changed by an admin."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.store import connectors, integrations
from tests.console.access import add_account, asking, bearing, token

MAPPINGS, PRIORITIES = "/v1/connectors/payments/mappings", "/v1/connectors/payments/priorities"


@pytest.fixture
def mapped(parts: Parts) -> Parts:
    rows = [{"case": case, "incident": f"Q{case}", "name": name} for case, name in (("P1", "High"), ("P5", "Low"))]
    with parts.database.write() as tx:
        found = connectors.all_of(tx)["payments"]
        sealed = parts.connections.vault.seal("integration:acme", {"api_key": "a key"})
        integrations.reseal(tx, "acme", sealed, {"from": "bot@example.com"})
        connectors.aim(tx, replace(found, priorities=rows))
    return parts


def test_it_is_shown_and_tried(mapped: Parts, api: httpx.Client) -> None:
    shown = api.get(MAPPINGS).json()
    assert [pair["name"] for pair in shown["priorities"]] == ["High", "Low"]
    assert (shown["tried"], shown["unmapped"]) == (None, ["P2", "P3", "P4"])
    tried = api.get(MAPPINGS, params={"priorities": "P1=Low,P2=QP1"}).json()
    assert [(one["case"], one["name"]) for one in tried["tried"]] == [("P1", "Low"), ("P2", "High")]
    assert tried["unmapped"] == ["P3", "P4", "P5"]
    assert api.get(MAPPINGS, params={"priorities": ""}).json()["tried"] == []
    wrong = api.get(MAPPINGS, params={"priorities": "P9=Low"})
    assert (wrong.status_code, "cases has no priority P9" in wrong.json()["detail"]) == (422, True)


def test_it_is_changed(mapped: Parts, api: httpx.Client) -> None:
    done = api.post(PRIORITIES, json={"by": "Eve", "priorities": ["P1=Low"]}).json()
    assert (done["changed"], done["says"]) == (True, "The priorities of payments are P1=Low.")
    assert [pair["name"] for pair in api.get(MAPPINGS).json()["priorities"]] == ["Low"]
    (row,) = api.get("/v1/deliveries", params={"reason": "chosen"}).json()["deliveries"]
    assert row["actor"] == "Eve"
    assert api.post("/v1/connectors/till/priorities", json={"by": "Eve", "priorities": []}).status_code == 404


@pytest.mark.anyio
async def test_a_token_of_another_account_learns_nothing(mapped: Parts) -> None:
    add_account(mapped.database, "other")
    foreign = token(mapped.database, Role.ADMIN, "foreign", scope=["other"])
    mine = token(mapped.database, Role.ADMIN, "mine", scope=["acme"])
    viewer = token(mapped.database, Role.VIEWER)
    async with asking(mapped) as client:
        seen = [(await client.get(MAPPINGS, headers=bearing(one))).status_code for one in (foreign, mine, viewer)]
        body = {"by": "Eve", "priorities": ["P1=Low"]}
        done = [
            (await client.post(PRIORITIES, headers=bearing(one), json=body)).status_code
            for one in (foreign, viewer, mine)
        ]
    assert (seen, done) == ([404, 200, 200], [404, 403, 200])
