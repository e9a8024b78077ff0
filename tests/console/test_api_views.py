"""/v1/views: whoever reads keeps views of its own; everybody's are for those who may change things."""

from __future__ import annotations

import httpx
import pytest

from syncd.console.parts import Parts
from syncd.core.permissions import Role

from .access import asking, bearing, token

pytestmark = pytest.mark.anyio


async def _save(client: httpx.AsyncClient, given: str, **fields: object) -> httpx.Response:
    body = {"name": "mine", "q": "outcome:failed", "by": "Somebody else", **fields}
    return await client.post("/v1/views", headers=bearing(given), json=body)


async def _names(client: httpx.AsyncClient, given: str, asked: str = "") -> list[tuple[str, bool, str]]:
    found = (await client.get(f"/v1/views{asked}", headers=bearing(given))).json()["views"]
    return [(one["name"], one["everybody"], one["saved_by"]) for one in found]


async def test_a_view_is_whose_token_saved_it(parts: Parts) -> None:
    viewer, operator = token(parts.database, Role.VIEWER), token(parts.database, Role.OPERATOR)
    async with asking(parts) as client:
        saved = await _save(client, viewer, q="outcome=failed age < 7d".replace(" < ", "<"))
        assert (saved.status_code, saved.json()["q"]) == (201, "outcome:failed age<7d")
        assert saved.json()["says"] == "mine is saved."
        assert (await _save(client, operator, everybody=True)).json()["says"] == "mine is saved for everybody."
        assert await _names(client, viewer) == [("mine", False, "a viewer"), ("mine", True, "a operator")]
        assert await _names(client, operator, "?by=a+viewer") == [("mine", True, "a operator")]
        assert len(await _names(client, parts.api_token, "?by=a+viewer")) == 2


async def test_everybodys_are_not_a_readers_to_change(parts: Parts) -> None:
    viewer = token(parts.database, Role.VIEWER)
    async with asking(parts) as client:
        assert (await _save(client, viewer, everybody=True)).status_code == 403
        await _save(client, parts.api_token, everybody=True)
        for everybody, status in ((True, 403), (False, 404)):
            answer = await client.request(
                "DELETE", "/v1/views/mine", headers=bearing(viewer), json={"by": "Eve", "everybody": everybody}
            )
            assert answer.status_code == status
        removed = await client.request(
            "DELETE", "/v1/views/mine", headers=bearing(parts.api_token), json={"by": "Eve", "everybody": True}
        )
        assert removed.json() == {"says": "mine is removed for everybody."}
        assert await _names(client, viewer) == []


async def test_what_cannot_be_read_is_refused_with_its_place(parts: Parts) -> None:
    async with asking(parts) as client:
        told = await _save(client, parts.api_token, q="outcom:x")
    assert (told.status_code, told.json()["code"]) == (422, "SYN-API-BODY")
    assert "At character 1: 'outcom' is no field" in told.json()["detail"]
