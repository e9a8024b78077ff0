"""Hooks over the API: a list page by page, one with what it carried and no secrets; and the daemon's status, as the command says it."""

from __future__ import annotations

from collections.abc import Sequence

import httpx
import pytest
from sqlalchemy import update

from syncd.console.parts import Parts
from syncd.console.v1.status import status_as_json
from syncd.core.permissions import Role
from syncd.flow.status.condition import condition
from syncd.store import arrivals
from syncd.store.arrivals import NewArrival
from syncd.store.database import Database
from syncd.store.tables import arrivals as table

from .access import add_account, asking, bearing, token
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
BODY = b'{"event": {"id": "E1", "data": {"summary": "Checkout is slow", "api_key": "u+tops3cret-0123456789"}}}'


def hooks(store: Database, *sources: str, body: bytes = BODY) -> Sequence[int | None]:
    with store.write() as tx:
        now = store.now(tx)
        new = [
            NewArrival(source, f"e{number}", "incident.acknowledged", "I-1", body, now, 1)
            for number, source in enumerate(sources)
        ]
        return arrivals.add_many(tx, new)


async def test_hooks_are_listed_page_by_page_and_by_what_is_asked(parts: Parts) -> None:
    hooks(parts.database, "acme", "acme", "desk")
    async with asking(parts) as client:

        async def ask(query: str) -> httpx.Response:
            return await client.get(f"/v1/arrivals{query}", headers=bearing(TOKEN))

        first = (await ask("?limit=2")).json()
        rest = (await ask(f"?limit=2&before={first['next']}")).json()
        desk = (await ask("?source=desk")).json()["arrivals"]
        none = [(await ask(query)).json()["arrivals"] for query in ("?record=I-2", "?state=planned", "?source=other")]
        wrong = await ask("?state=lost")
    assert [one["id"] for page in (first, rest) for one in page["arrivals"]] == [3, 2, 1]
    assert (rest["next"], none, wrong.status_code) == (None, [[], [], []], 422)
    assert [(one["source"], one["event_type"], one["record"], one["state"]) for one in desk] == [
        ("desk", "incident.acknowledged", "I-1", "new")
    ]
    assert "body" not in desk[0]


async def test_one_is_shown_with_what_it_carried_and_no_secret(parts: Parts) -> None:
    hooks(parts.database, "acme")
    async with asking(parts) as client:
        one = await client.get("/v1/arrivals/1", headers=bearing(TOKEN))
        nothing = await client.get("/v1/arrivals/2", headers=bearing(TOKEN))
        beyond = await client.get(f"/v1/arrivals/{'9' * 18}", headers=bearing(TOKEN))
    told = one.json()
    assert (told["bytes"], told["body"]["event"]["data"]) == (
        len(BODY),
        {"summary": "Checkout is slow", "api_key": "[redacted]"},
    )
    assert "tops3cret" not in one.text
    assert (nothing.status_code, beyond.status_code) == (404, 404)
    assert "There is no hook 2" in nothing.json()["detail"]


async def test_what_is_no_json_is_text_and_what_was_pruned_is_nothing(parts: Parts) -> None:
    hooks(parts.database, "acme", body=b"Authorization: Bearer u+tops3cret-0123456789abcdef \xff")
    async with asking(parts) as client:
        as_text = (await client.get("/v1/arrivals/1", headers=bearing(TOKEN))).json()["body"]
        with parts.database.write() as tx:
            tx.execute(update(table).values(body=b"", body_pruned_at=parts.database.now(tx)))
        gone = (await client.get("/v1/arrivals/1", headers=bearing(TOKEN))).json()
    assert as_text.startswith("Authorization: Bearer [redacted]")
    assert (gone["body"], gone["bytes"], gone["body_pruned_at"] is not None) == (None, 0, True)


async def test_a_token_of_one_account_sees_the_hooks_of_that_one(parts: Parts) -> None:
    for name in ("acme", "other"):
        add_account(parts.database, name)
    hooks(parts.database, "acme", "other")
    given = bearing(token(parts.database, Role.VIEWER, scope=["acme"]))
    async with asking(parts) as client:
        listed = (await client.get("/v1/arrivals", headers=given)).json()["arrivals"]
        seen = [(await client.get(f"/v1/arrivals/{number}", headers=given)).status_code for number in (1, 2, 3)]
    assert [one["source"] for one in listed] == ["acme"]
    assert seen == [200, 403, 403]


async def test_status_is_what_the_command_says(parts: Parts) -> None:
    hooks(parts.database, "acme")
    async with asking(parts) as client:
        told = (await client.get("/v1/status", headers=bearing(TOKEN))).json()
    said = status_as_json(condition(parts.database))
    ages = {"oldest_unsynced_s", "oldest_held_s"}
    assert {name: told[name] for name in said if name not in ages} == {
        name: said[name] for name in said if name not in ages
    }
    assert set(told) == set(said)
    assert told["hooks_waiting"] == 1
