"""Whatever can be read over /v1 is read, of a world in which there is something of everything: each answer is as it is declared."""

from __future__ import annotations

import re

import pytest

from syncd.console.contract.declared import OPERATIONS
from syncd.core.changes import Field, Side
from tests.console.conftest import TOKEN
from tests.flow.world import CONNECTOR

from .operated import Operated

#: What needs a real PagerDuty, a broker or a person who agrees to something; each has tests of its own.
_ELSEWHERE = {"/v1/integrations/{slug}/authorisations/{authorisation}"}
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
_EVIDENCE = "/v1/evidence/{slug}"  # asked of an account that was collected from, in tests/console/test_api_answers.py
READS = sorted(
    path for method, path in OPERATIONS if method == "GET" and path not in _ELSEWHERE and not path.startswith(_EVIDENCE)
)


@pytest.fixture
def lived_in(operated: Operated) -> Operated:
    """A linked pair that differs, with what came in, what went out and what was decided."""
    world = operated.world
    world.ask_for_incident()
    world.drain()
    world.comment(Side.CASE, "C-1", "Looking.")
    world.drain()
    world.act(Side.CASE, "C-1", Field.PRIORITY, "P1")
    return operated


@pytest.mark.parametrize("path", READS)
def test_it_is_answered_as_declared(lived_in: Operated, path: str) -> None:
    world = lived_in.world
    opened = lived_in.client.post("/v1/cases", json={"title": "Slow", "by": "Ana"}, headers=HEADERS)
    there = {
        "link": str(world.link().id),
        "delivery": str(world.rows()[0]["id"]),
        "arrival": str(next(row["arrival_id"] for row in world.rows() if row["arrival_id"])),
        "ref": "C-1",
        "key": opened.json()["key"],
        "name": CONNECTOR,
        "slug": world.slug(Side.INCIDENT),
    }
    if "action" in path:
        exported = lived_in.client.get("/v1/deliveries/export", headers=HEADERS)
        there["action"] = exported.headers["x-syncd-action"]
    address = re.sub(r"\{(\w+)(:\w+)?\}", lambda one: there[one[1]], path)
    needs = OPERATIONS["GET", path].query.model_fields if OPERATIONS["GET", path].query else {}
    told = {"case": there["key"], "ref": "C-1"}
    asked = {name: told[name] for name, field in needs.items() if field.is_required()}
    with lived_in.client.stream("GET", address, params=asked, headers=HEADERS) as answer:
        body = "" if path.endswith("/tail") else answer.read().decode()
    assert answer.status_code == 200, body
