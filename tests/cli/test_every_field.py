"""Each field of the language finds the same rows for a command, over the API and on the page, on either database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.core.query.address import to_parameters
from syncd.core.query.fields import FIELDS
from syncd.core.query.reading import read
from syncd.simulator.server import serve
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.store.audit.rows import NOW, fill
from tests.store.audit.test_conditions import FOUND

from .conftest import TOKEN, Syncd

Ask = Callable[[str], list[int]]


def _as_of_today(query: str) -> str:
    """The rows are of a day that is over: what was an age then is an age now."""
    since = int((datetime.now(UTC) - NOW).total_seconds())
    whole = {"h": 3_600, "d": 86_400}
    return re.sub(r"(\d+)([hd])", lambda one: f"{since + int(one[1]) * whole[one[2]]}s", query)


QUERIES: Mapping[str, set[int]] = {
    _as_of_today(query) if query.startswith("age") else query: rows
    for query, rows in FOUND.items()
    # Some seconds go by until it is asked, and no row may be just so old.
    if query not in {"age>=2h", "age>2h"}
}


@pytest.fixture
def filled(database_url: str, home: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("SYNCD_DATABASE_URL", database_url)
    monkeypatch.setenv("SYNCD_TOKEN", TOKEN)
    opened = Database(database_url, Clock())
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture
def daemon(filled: Database) -> Iterator[str]:
    connections = Connections(filled, Vault(generate_key()), Clock())
    parts = Parts(filled, Cases(filled, site="http://here"), connections, lambda _: None, Clock(), TOKEN)
    with serve(create(parts)) as url:
        yield url


def _api(daemon: str, client: httpx.Client, asked: list[tuple[str, str]]) -> list[int]:
    answer = client.get(
        f"{daemon}/v1/deliveries", params=urlencode(asked), headers={"Authorization": f"Bearer {TOKEN}"}
    )
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()["deliveries"]]


def _page(daemon: str, client: httpx.Client, query: str) -> list[int]:
    shown = client.get(f"{daemon}/deliveries?{urlencode({'q': query})}")
    assert shown.status_code == 200, shown.text
    return [int(one) for one in re.findall(r'<td><a href="/deliveries\?[^"]*open=(\d+)#drawer"', shown.text)]


def _command(syncd: Syncd, query: str, *more: str) -> list[int]:
    ended = syncd("deliveries", "list", *more, "-o", "ndjson", "--", query)
    assert ended.code == 0, ended.err
    return [int(one) for one in re.findall(r'^{"id": (\d+),', ended.out, re.MULTILINE)]


def test_each_finds_the_same_rows_wherever_it_is_asked(syncd: Syncd, filled: Database, daemon: str) -> None:
    with httpx.Client(trust_env=False) as client:
        client.post(f"{daemon}/login", data={"name": "Ops", "token": TOKEN, "next": "/overview"})
        ways: Mapping[str, Ask] = {
            "as a line over the API": lambda query: _api(daemon, client, [("q", query)]),
            "as parameters over the API": lambda query: _api(daemon, client, to_parameters(read(query))),
            "on the page": lambda query: _page(daemon, client, query),
            "by a command": lambda query: _command(syncd, query),
            "by a command elsewhere": lambda query: _command(syncd, query, "--server", daemon),
        }
        wrong = {
            (query, way): found
            for query, rows in QUERIES.items()
            for way, ask in ways.items()
            if (found := ask(query)) != sorted(rows, reverse=True)
        }
    assert wrong == {}


def test_every_field_is_asked_for() -> None:
    assert {term.field for query in QUERIES for term in read(query).terms} == set(FIELDS)
