"""A token for some accounts: the cases of those accounts it reads and works on, as its role allows, and of all others it learns
nothing. A case belongs to the account of its link, and before it has one to that of the connector it is sent to.
"""

from __future__ import annotations

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.changes import Field, Side
from syncd.core.connection import Kind
from syncd.core.link import FieldConflict, Link, LinkState
from syncd.core.permissions import ALLOWED, Action, Role
from syncd.store import connection_log, connectors, links, reconciles
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.connectors import Connector
from syncd.store.database import Database

from .access import add_account, asking, bearing, token
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
ANA, FIELD = Hand("Ana Lima", "api"), Field.RESOLUTION_NOTE


@pytest.fixture
def keys(store: Database, desk: Cases) -> dict[str, str]:
    """Who can be reached how: by a connector alone, by a link that says otherwise, by nothing."""
    for slug in ("acme", "other"):
        add_account(store, slug)
    with store.write() as tx:
        others = Connector("checkout", "other", "cases", "bidirectional", "SVC2", "", [], {})
        connectors.add(tx, others, store.now(tx))
    opened = {
        name: desk.open(NewCase("Checkout is slow", connector=connector), ANA).case.key
        for name, connector in (("mine", "payments"), ("moved", "checkout"), ("foreign", "checkout"))
    }
    with store.write() as tx:
        made = Link("", "cases", opened["moved"], "acme", state=LinkState.OPENING)
        links.create(tx, made, key="syncd:x", title="t", body="b", shard=1, now=store.now(tx))
    return opened


@pytest.mark.parametrize("role", [one for one in Role if Action.CASES_READ in ALLOWED[one]])
async def test_cases_of_its_accounts_are_read_and_others_are_not_there(
    parts: Parts, keys: dict[str, str], role: Role
) -> None:
    given = bearing(token(parts.database, role, scope=["acme"]))
    async with asking(parts) as client:
        listed = (await client.get("/v1/cases", headers=given)).json()["cases"]
        paged = (await client.get("/v1/cases?limit=1", headers=given)).json()
        read = {name: await client.get(f"/v1/cases/{key}", headers=given) for name, key in keys.items()}
        gone = await client.get("/v1/cases/CS-999999", headers=given)
        acted = {
            name: await client.post(f"/v1/cases/{key}/comments", headers=given, json={"text": "Looking."})
            for name, key in keys.items()
        }
        everything = (await client.get("/v1/cases", headers=bearing(TOKEN))).json()["cases"]
    assert [one["key"] for one in listed] == [keys["moved"], keys["mine"]]
    assert (paged["cases"][0]["key"], paged["next"]) == (keys["moved"], keys["moved"])
    assert {name: one.status_code for name, one in read.items()} == {"mine": 200, "moved": 200, "foreign": 403}
    assert (gone.status_code, gone.json()) == (403, read["foreign"].json()), "numbers cannot be tried out"
    may = 201 if Action.CASES_WRITE in ALLOWED[role] else 403
    assert {name: one.status_code for name, one in acted.items()} == {"mine": may, "moved": may, "foreign": 403}
    assert len(everything) == 3


async def test_an_idempotency_key_tells_nothing_of_another_accounts_cases(parts: Parts, keys: dict[str, str]) -> None:
    given = {
        scope: bearing(token(parts.database, Role.OPERATOR, scope, scope=[scope] if scope != "all" else []))
        for scope in ("acme", "other", "all")
    }
    asked = [("all", "payments"), ("acme", "payments"), ("other", "checkout"), ("other", "checkout")]
    async with asking(parts) as client:

        async def opened(scope: str, connector: str, title: str) -> httpx.Response:
            headers, body = {**given[scope], "Idempotency-Key": "k"}, {"title": title, "connector": connector}
            return await client.post("/v1/cases", headers=headers, json=body)

        answers = [await opened(scope, connector, scope) for scope, connector in asked]
        reused = await opened("other", "checkout", "Another")
    assert [one.status_code for one in answers] == [201, 201, 201, 200]
    opened_here = answers[-1].json()["key"]
    assert (reused.status_code, reused.json()["detail"].split(" with ")[0]) == (
        422,
        f"This Idempotency-Key opened {opened_here}",
    )


async def test_a_case_is_opened_only_where_the_token_reaches(parts: Parts, keys: dict[str, str]) -> None:
    given = bearing(token(parts.database, Role.OPERATOR, scope=["acme"]))
    async with asking(parts) as client:
        answers = {
            connector: await client.post(
                "/v1/cases", headers=given, json={"title": "Another", **({"connector": connector} if connector else {})}
            )
            for connector in ("payments", "checkout", "none", "")
        }
    assert {name: one.status_code for name, one in answers.items()} == {
        "payments": 201,
        "checkout": 403,
        "none": 403,
        "": 403,
    }
    assert {answers[name].json()["code"] for name in ("checkout", "none", "")} == {"SYN-API-SCOPE"}
    assert "name a connector of that account" in answers[""].json()["detail"]


async def test_conflicts_repairs_and_histories_are_those_of_its_accounts(parts: Parts, keys: dict[str, str]) -> None:
    store = parts.database
    with store.write() as tx:
        now = store.now(tx)
        for slug in ("acme", "other"):
            reconciles.ask(tx, slug, now, why="a test", by="Ana", now=now)
            connection_log.add(tx, slug, Kind.CONNECTED, now=now, by="Ana")
            made = Link("", "cases", f"CS-9{slug}", slug, state=LinkState.OPENING)
            stored = links.create(tx, made, key=f"syncd:{slug}", title="t", body="b", shard=1, now=now)
            said = stored.link.saw(Side.CASE, FIELD, "the disk", now).saw(Side.INCIDENT, FIELD, "the network", now)
            links.save(tx, stored, said.in_conflict(FIELD, FieldConflict({Side.CASE: "Ann"}, since=now)))
    given = bearing(token(store, Role.VIEWER, scope=["acme"]))
    async with asking(parts) as client:
        repairs = (await client.get("/v1/repairs", headers=given)).json()["repairs"]
        conflicts = (await client.get("/v1/conflicts", headers=given)).json()["conflicts"]
        log = (await client.get("/v1/connection-log", headers=given)).json()["log"]
    assert {row["integration"] for row in repairs} == {"acme"}
    assert {row["integration"] for row in log} == {"acme"}
    assert [row["case_id"] for row in conflicts] == ["CS-9acme"]
