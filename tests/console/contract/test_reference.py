"""The API's pages say what the document says, of every route, and are small."""

from __future__ import annotations

import html
import re

import pytest

from syncd.console.contract.declared import OPERATIONS
from syncd.console.contract.document import document
from syncd.console.contract.reference import reference
from syncd.console.parts import Parts
from syncd.console.problem import TITLES
from tests.console.access import asking
from tests.console.conftest import TOKEN

pytestmark = pytest.mark.anyio


def words(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


async def test_each_noun_has_a_page_that_tells_all_of_its_routes_without_scripts(parts: Parts) -> None:
    async with asking(parts) as client:
        assert (await client.get("/api")).status_code == 303
        await client.post("/login", data={"name": "Ana Lima", "token": TOKEN})
        index = await client.get("/api")
        pages = {noun: await client.get(f"/api/{noun}") for noun in reference()}
        nothing = await client.get("/api/nothing")
    assert 'href="/api"' in index.text
    assert set(pages) == {one.noun for one in OPERATIONS.values()}
    for operation in OPERATIONS.values():
        page = words(pages[operation.noun].text)
        assert f"{operation.method} {operation.address} " in page
        assert f"{operation.summary}. Needs {operation.permit.action} ." in page
        assert f"{operation.method} {operation.address} " in words(index.text)
        assert operation.says.partition("`")[0] in page
        for name in operation.body.model_fields if operation.body else ():
            assert f" {name} " in page
        for status in operation.refusals:
            assert f"{status} {TITLES[status].lower()}" in page
    assert {noun: len(one.content) for noun, one in pages.items() if len(one.content) >= 40_000} == {}
    assert len(index.content) < 40_000
    assert not [one for one in (index, *pages.values()) if "<script" in one.text]
    assert nothing.status_code == 404


def test_what_is_taken_and_answered_is_told_field_by_field() -> None:
    (pause,) = [one for one in reference()["links"].routes if one.address.endswith("/pause")]
    assert [(one.name, one.is_required) for one in pause.body] == [("by", True), ("why", False)]
    (conflicts,) = [one for one in reference()["conflicts"].routes if one.method == "GET"]
    kinds = {one.name: one.kind for one in conflicts.answers[0].fields}
    assert kinds["conflicts"] == "list of objects"
    assert kinds["conflicts[].field"] == "one of priority, resolution_note"
    assert kinds["conflicts[].since"] == "date and time or null"
    (export,) = [one for one in reference()["deliveries"].routes if one.address.endswith("/export")]
    assert "SHA-256 of exactly the bytes that were sent" in export.says
    told = document()["paths"]["/v1/deliveries/export"]["get"]
    assert (told["description"], list(told["responses"]["200"]["headers"])) == (
        export.says,
        ["X-Syncd-Rows", "X-Syncd-Action", "X-Syncd-Sha256"],
    )
    assert [one.status for one in pause.refusals] == [
        status for status in document()["paths"]["/v1/links/{link}/pause"]["post"]["responses"] if status != "200"
    ]


def test_what_several_routes_take_alike_is_told_once() -> None:
    it = reference()["deliveries"]
    assert {"outcome", "case"} <= {one.name for one in it.shared}
    assert not [one for route in it.routes for one in route.parameters if one in it.shared]
