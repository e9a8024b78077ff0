"""The OpenAPI document: valid, committed as it is served, and of exactly the routes there are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.requests import Request
from starlette.routing import Route

from syncd.console.bodies import PauseLink, ResumeLink
from syncd.console.contract.declared import OPERATIONS
from syncd.console.contract.document import document
from syncd.console.contract.operation import Operation
from syncd.console.contract.reading import reading
from syncd.console.intake import carried
from syncd.console.parts import Parts
from syncd.console.permits import API
from syncd.console.v1 import gate
from syncd.core.api_codes import API_CODES
from tests.console.access import asking

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.anyio


def test_it_is_valid_openapi() -> None:
    assert [str(one) for one in OpenAPIV31SpecValidator(document()).iter_errors()] == []


def test_every_route_is_declared_and_every_declaration_is_a_route_with_a_permit(parts: Parts) -> None:
    there = {(method, route.path) for route in gate.routes(parts) for method in route.methods or () if method != "HEAD"}
    assert set(OPERATIONS) == there == set(API)


async def test_it_is_served_to_everybody_as_it_is_committed(parts: Parts) -> None:
    async with asking(parts) as client:
        answer = await client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))


def test_it_says_what_each_route_needs_takes_and_may_refuse_with() -> None:
    pause = document()["paths"]["/v1/links/{link}/pause"]["post"]
    assert pause["security"] == [{"token": ["sync:Operate"]}]
    assert pause["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/PauseLink"}
    assert {"200", "401", "403", "404", "409", "422"} <= set(pause["responses"])
    link, key = pause["parameters"]
    assert (key["name"], key["in"], key["required"]) == ("Idempotency-Key", "header", False)
    assert (link["in"], link["schema"]["type"]) == ("path", "integer")
    codes = document()["components"]["schemas"]["ProblemBody"]["properties"]["code"]["enum"]
    assert set(API_CODES) <= set(codes)


def test_no_answer_of_a_write_tells_a_secret_and_bodies_mark_theirs() -> None:
    fields = document()["components"]["schemas"]["AddIntegration"]["properties"]
    assert fields["secret"] == {"format": "password", "title": "Secret", "type": "string", "writeOnly": True}


async def test_what_is_declared_is_what_is_read(parts: Parts) -> None:
    """A field that the declaration does not have is refused, also where no handler looks."""
    async with asking(parts) as client:
        bearer = {"Authorization": f"Bearer {parts.api_token}"}
        typed = await client.get("/v1/integrations?limmit=3", headers=bearer)
        known = await client.get("/v1/links?limit=3", headers=bearer)
    assert (typed.status_code, typed.json()["errors"][0]["field"]) == (422, "limmit")
    assert known.status_code == 200


async def test_a_handler_cannot_read_what_its_route_does_not_declare() -> None:
    async def handler(request: Request) -> None:
        carried(request, ResumeLink)

    declared: Operation = replace(OPERATIONS["POST", "/v1/links/{link:number}/pause"], body=PauseLink)
    transport = httpx.ASGITransport(Route("/v1/here", reading(declared, handler), methods=["POST"]))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        with pytest.raises(TypeError, match="declared to carry PauseLink"):
            await client.post("/v1/here", json={"by": "Ana"})
