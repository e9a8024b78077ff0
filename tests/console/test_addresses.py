"""Whatever an address names, on both databases: it is answered, and nothing here breaks by it."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import Parts
from syncd.console.permits import API, PAGES, Place
from syncd.store.cases import Cases
from syncd.store.database import Database

from .access import asking, bearing
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
_WORD = re.compile(r"\{\w+\}")  # of a number only digits are taken
NAMED = sorted(place for place in {**API, **PAGES} if _WORD.search(place[1]) and "/demo" not in place[1])


@pytest.fixture
def here(db: Database, parts: Parts) -> Parts:
    connections = Connections(db, Vault(generate_key()), parts.clock)
    return replace(parts, database=db, cases=Cases(db, site="http://syncd.test"), connections=connections)


@settings(max_examples=5, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(word=st.text(min_size=1, max_size=300).filter(lambda word: not set(word) <= {".", "/"}))
@example(word="\0")
@example(word="a\0b")
async def test_no_name_in_a_path_breaks_a_route(here: Parts, word: str) -> None:
    async with asking(here) as client:
        await client.post("/login", data={"name": "Ana Lima", "token": TOKEN})
        broken = []
        for place in NAMED:
            answer = await client.request(*_at(place, word), headers=bearing(TOKEN), json=_body(place))
            if answer.status_code >= 500:
                broken.append((place, answer.status_code, answer.text))
    assert broken == []


def _at(place: Place, word: str) -> tuple[str, str]:
    named = quote(word.encode("utf-8", "surrogatepass"), safe="")
    return place[0], re.sub(r"\{\w+:number\}", "77", _WORD.sub(lambda _: named, place[1]))


def _body(place: Place) -> dict[str, str] | None:
    return None if place[0] == "GET" else {"by": "Eve", "why": "a test"}
