"""Exports over /v1 and from the page: each a row of the action log, which says how much went out and the SHA-256 of that."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import duckdb
import httpx
import pytest
from sqlalchemy import text
from starlette.types import Message, Send

from syncd.console import app
from syncd.console.parts import Parts
from syncd.core.permissions import Role
from syncd.simulator.server import serve
from syncd.store import actions, deliveries
from syncd.store.actions import Asked, Logged
from syncd.store.database import Database
from tests.store.audit.rows import ROWS, fill
from tests.waiting import wait_until

from .access import add_account, asking, bearing, token
from .conftest import TOKEN

pytestmark = pytest.mark.anyio
EXPORT = "/v1/deliveries/export"
FORMATS = ["csv", "ndjson", "parquet"]


@pytest.fixture
def filled(parts: Parts) -> Parts:
    fill(parts.database)
    return parts


def log(store: Database) -> list[Logged]:
    """In the order they were made."""
    with store.read() as tx:
        return list(reversed(actions.listing(tx, Asked())))


@pytest.mark.parametrize("kind", FORMATS)
async def test_who_took_what_and_the_digest_of_exactly_that(filled: Parts, kind: str) -> None:
    viewer, auditor = token(filled.database, Role.VIEWER), token(filled.database, Role.AUDITOR)
    async with asking(filled) as client:
        taken = await client.get(f"{EXPORT}?q=id>1+Lima&format={kind}", headers=bearing(viewer))
        number = taken.headers["x-syncd-action"]
        own = await client.get(f"{EXPORT}/{number}", headers=bearing(viewer))
        row = await client.get(f"/v1/actions/{number}", headers=bearing(auditor))
    digest = hashlib.sha256(taken.content).hexdigest()
    rows = int(taken.headers["x-syncd-rows"])
    went = {"rows": rows, "bytes": len(taken.content), "sha256": digest}
    assert rows > 1
    told = row.json()
    assert (told["who"], told["way"], told["action"], told["act"]) == ("a viewer", "api", "sync:Read", f"GET {EXPORT}")
    assert told["named"] == {"query": 'id>=2 "…"', "format": kind}
    assert (told["outcome"], told["status"], told["taken"]) == ("done", 200, went)
    assert own.json() == {name: told[name] for name in own.json()}
    assert {"outcome", "taken"} <= set(own.json())
    assert taken.headers.get("x-syncd-sha256") == (digest if kind == "parquet" else None)


async def test_a_parquet_file_has_what_the_lines_have_and_says_how_long_it_is(filled: Parts, tmp_path: Path) -> None:
    async with asking(filled) as client:
        lines = await client.get(f"{EXPORT}?id=>1&format=ndjson", headers=bearing(TOKEN))
        taken = await client.get(f"{EXPORT}?id=>1&format=parquet", headers=bearing(TOKEN))
    assert taken.headers["content-length"] == str(len(taken.content))
    assert taken.headers["content-disposition"] == 'attachment; filename="deliveries.parquet"'
    file = tmp_path / "it.parquet"
    file.write_bytes(taken.content)
    found = duckdb.read_parquet(str(file)).project("id, outcome, case_id").fetchall()
    assert found == [(one["id"], one["outcome"], one["case_id"]) for one in map(json.loads, lines.text.splitlines())]


async def test_of_a_token_for_some_accounts_they_are_named(filled: Parts) -> None:
    add_account(filled.database, "other")
    given = token(filled.database, Role.VIEWER, scope=["other"])
    async with asking(filled) as client:
        for kind in FORMATS:
            taken = await client.get(f"{EXPORT}?format={kind}", headers=bearing(given))
            assert taken.headers["x-syncd-rows"] == "2"
    assert [one.named for one in log(filled.database)] == [
        {"format": kind, "integrations": "other"} for kind in FORMATS
    ]
    assert {one.taken.rows for one in log(filled.database) if one.taken} == {2}


async def test_ones_own_exports_alone_are_told_without_a_look_into_the_log(filled: Parts) -> None:
    ours, theirs = (token(filled.database, Role.OPERATOR, name) for name in ("ours", "theirs"))
    async with asking(filled) as client:
        number = (await client.get(EXPORT, headers=bearing(ours))).headers["x-syncd-action"]
        await client.post("/v1/cases", headers=bearing(ours), json={})
        answers = [
            await client.get(f"{EXPORT}/{one}", headers=bearing(given))
            for one, given in ((number, theirs), (int(number) + 1, ours), (77, ours), (10**18 - 1, ours))
        ]
        mine = await client.get(f"{EXPORT}/{number}", headers=bearing(ours))
        shut = await client.get(f"/v1/actions/{number}", headers=bearing(ours))
        none = await client.get("/v1/actions/77", headers=bearing(TOKEN))
    assert [one.status_code for one in answers] == [404] * 4
    assert "no export 77 of yours; its number is the header X-Syncd-Action" in answers[2].json()["detail"]
    assert (mine.status_code, shut.status_code, none.status_code) == (200, 403, 404)


async def test_what_is_refused_is_a_row_and_headers_alone_are_none(filled: Parts) -> None:
    auditor = token(filled.database, Role.AUDITOR)
    async with asking(filled) as client:
        assert (await client.get(EXPORT, headers=bearing(auditor))).status_code == 403
        assert (await client.get(f"{EXPORT}?outcome=good", headers=bearing(TOKEN))).status_code == 422
        assert (await client.get(EXPORT)).status_code == 401
        for kind in FORMATS:
            asked = await client.head(f"{EXPORT}?format={kind}", headers=bearing(TOKEN))
            assert (asked.status_code, asked.headers["x-syncd-rows"], asked.content) == (200, "6", b"")
            assert "x-syncd-action" not in asked.headers
    found = [(one.who, one.outcome, one.status, one.detail, one.taken) for one in log(filled.database)]
    assert found == [
        ("a auditor", "refused", 403, "SYN-API-FORBIDDEN", None),
        ("the daemon's own token", "refused", 422, "SYN-API-BODY", None),
    ]


async def test_without_a_row_nothing_goes_out(filled: Parts) -> None:
    with filled.database.write() as tx:
        tx.execute(text("CREATE TRIGGER full_up BEFORE INSERT ON actions BEGIN SELECT RAISE(ABORT, 'x'); END"))
    async with asking(filled) as client:
        answers = [await client.get(f"{EXPORT}?format={kind}", headers=bearing(TOKEN)) for kind in FORMATS]
    assert {(one.status_code, "x-syncd-rows" in one.headers) for one in answers} == {(500, False)}


def many(store: Database, count: int, *, each: int) -> None:
    with store.write() as tx:
        deliveries.record_many(tx, [replace(ROWS[0], detail="x" * each)] * count)


async def _asked_by(parts: Parts, query: str, send: Send, *, has_gone: bool = False) -> None:
    """As a server asks the application."""

    async def receive() -> Message:
        if not has_gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    headers = [(b"authorization", f"Bearer {TOKEN}".encode())]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": EXPORT, "raw_path": EXPORT.encode()}
    scope |= {"query_string": query.encode(), "headers": headers, "http_version": "1.1", "root_path": ""}
    await app.create(parts)({**scope, "asgi": {"version": "3.0", "spec_version": "2.3"}}, receive, send)


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Where files that are made on the way go, of this test alone."""
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path)
    yield tmp_path
    tempfile.tempdir = before


def made_in(folder: Path) -> list[str]:
    return [one.name for one in folder.glob("syncd-export-*")]


async def test_a_file_that_nobody_waits_for_any_more_is_not_made(filled: Parts, temporary: Path) -> None:
    """Whoever presses twice has left the first behind it."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await _asked_by(filled, "format=parquet", send, has_gone=True)
    assert sent[0]["status"] == 503
    (row,) = log(filled.database)
    assert (row.outcome, row.status, row.detail, row.taken) == ("failed", 503, "SYN-API-LEFT", None)
    assert made_in(temporary) == []


class Turn(asyncio.Semaphore):
    """Says that somebody asks for it."""

    def __init__(self) -> None:
        super().__init__(1)
        self.asked: asyncio.Queue[None] = asyncio.Queue()

    async def acquire(self) -> Literal[True]:
        self.asked.put_nowait(None)
        return await super().acquire()


async def test_one_file_is_made_at_a_time_and_lines_wait_for_none(filled: Parts, temporary: Path) -> None:
    turn = Turn()
    object.__setattr__(filled, "parquet_turn", turn)
    async with asking(filled) as client, asyncio.timeout(60):
        await client.post("/login", data={"name": "Ana Lima", "token": TOKEN})
        async with turn:
            turn.asked.get_nowait()
            waiting = [
                asyncio.create_task(client.get(f"{path}?format=parquet", headers=bearing(TOKEN)))
                for path in (EXPORT, EXPORT, "/deliveries/export")
            ]
            for _ in waiting:
                await turn.asked.get()
            lines = await client.get(f"{EXPORT}?format=ndjson", headers=bearing(TOKEN))
            assert (lines.status_code, [one.done() for one in waiting]) == (200, [False] * 3)
            assert made_in(temporary) == []
        assert [one.status_code for one in await asyncio.gather(*waiting)] == [200] * 3
    assert {one.outcome for one in log(filled.database)} == {"done"}
    assert made_in(temporary) == [], "nothing stays behind"


async def test_what_cannot_be_made_says_why_and_leaves_nothing(filled: Parts, temporary: Path) -> None:
    tempfile.tempdir = str(temporary / "nowhere")
    async with asking(filled) as client:
        answer = await client.get(f"{EXPORT}?format=parquet", headers=bearing(TOKEN))
    said = (
        "The Parquet file could not be made (No such file or directory); make room where temporary files go (TMPDIR), "
        "or use format ndjson."
    )
    assert (answer.status_code, answer.json()["detail"]) == (503, said)
    assert [(one.outcome, one.detail) for one in log(filled.database)] == [("failed", "SYN-API-AWAY")]


async def test_a_database_that_fails_in_the_middle_is_a_row_that_failed(parts: Parts) -> None:
    many(parts.database, 5_001, each=10)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("body"):  # between two looks
            with parts.database.write() as tx:
                tx.execute(text("ALTER TABLE notification_deliveries RENAME TO gone"))

    with pytest.raises(RuntimeError, match="response already started"):
        await _asked_by(parts, "format=ndjson", send)
    (row,) = log(parts.database)
    assert (row.outcome, row.detail) == ("failed", "SYN-API-AWAY")
    assert row.taken is not None
    assert (row.taken.rows, row.taken.sha256) == (5_000, "")
    assert row.taken.bytes == sum(len(one.get("body", b"")) for one in sent)
    assert sent[-1]["more_body"], "its reader must not take it for whole"


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_reader_that_goes_away_in_the_middle_has_not_got_it_all(parts: Parts, kind: str) -> None:
    """Over a real server, which tells of it in its own time."""
    many(parts.database, 12_000, each=4_000)
    with serve(app.create(parts)) as url, httpx.Client(base_url=url, headers=bearing(TOKEN), trust_env=False) as client:
        with client.stream("GET", EXPORT, params={"format": kind}) as answer:
            number = int(answer.headers["x-syncd-action"])
            next(answer.iter_bytes())
        wait_until(lambda: log(parts.database)[0].outcome != "begun")
    (row,) = log(parts.database)
    assert (row.id, row.outcome, row.status, row.detail) == (number, "failed", 200, "SYN-API-LEFT")
    assert row.taken is not None
    assert (row.taken.rows in {0, 4_999, 5_000, 9_999, 10_000}, row.taken.sha256) == (True, "")


_WITHOUT = """
import asyncio, sys
sys.modules["duckdb"] = None
import httpx
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.store.cases import Cases
from syncd.store.database import Database

async def ask():
    db = Database(sys.argv[1], Clock())
    parts = Parts(db, Cases(db, site="http://here"), Connections(db, Vault(generate_key()), Clock()), print, Clock(), "t")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create(parts)), base_url="http://here") as client:
        answer = await client.get("/v1/deliveries/export?format=parquet", headers={"Authorization": "Bearer t"})
        print(answer.status_code, answer.json()["detail"])
        await client.post("/login", data={"name": "Ana", "token": "t"})
        page = (await client.get("/deliveries")).text
        print('value="ndjson"' in page, 'value="parquet"' in page, "install <code>syncd[parquet]</code>" in page)
    db.close()

asyncio.run(ask())
"""


def test_without_duckdb_it_is_said_before_anything_is_read_and_no_button_fails(parts: Parts) -> None:
    store = parts.database
    with store.write() as tx:
        tx.execute(text("ALTER TABLE notification_deliveries RENAME TO away"))
        tx.execute(text("CREATE TABLE notification_deliveries AS SELECT * FROM away"))
    address = store.url.render_as_string(hide_password=False)
    ended = subprocess.run([sys.executable, "-c", _WITHOUT, address], capture_output=True, text=True, check=False)
    assert ended.stdout.splitlines() == [
        "422 Parquet needs duckdb, which is not installed; install syncd[parquet], or use format ndjson.",
        "True False True",
    ], ended.stderr
    refused = log(store)[0]
    assert (refused.outcome, refused.status, refused.detail) == ("refused", 422, "SYN-API-BODY")


async def test_what_is_taken_from_the_page_is_a_row_which_its_pages_show(filled: Parts) -> None:
    async with asking(filled) as client:
        await client.post("/login", data={"name": "Ana Lima", "token": TOKEN})
        taken = [await client.get(f"/deliveries/export?q=id>1&format={kind}") for kind in FORMATS]
        rows = log(filled.database)[1:]
        listed = (await client.get("/settings/actions")).text
        shown = [(await client.get(f"/settings/actions/{one.headers['x-syncd-action']}")).text for one in taken]
        none = await client.get("/settings/actions/77")
        asked = await client.head("/deliveries/export")
    assert [(one.who, one.way, one.act, one.outcome) for one in rows] == [
        ("Ana Lima", "console", "GET /deliveries/export", "done")
    ] * 3
    for one, row, page in zip(taken, rows, shown, strict=True):
        digest = hashlib.sha256(one.content).hexdigest()
        assert row.taken is not None
        assert (row.taken.rows, row.taken.sha256, row.named["query"]) == (5, digest, "id>=2")
        assert digest in page
        assert f"5 rows, {len(one.content):,} bytes" in page
        assert f"5 rows, {len(one.content):,} bytes, SHA-256 {digest[:12]}…" in listed
        assert f'href="/settings/actions/{row.id}"' in listed
    assert (none.status_code, asked.status_code, len(log(filled.database))) == (404, 200, 4)


async def test_a_long_query_is_shortened_in_the_list_and_whole_on_its_page(filled: Parts) -> None:
    line = " ".join(f"case:CS-{number}*" for number in range(40))
    async with asking(filled) as client:
        await client.post("/login", data={"name": "Ana Lima", "token": TOKEN})
        taken = [await client.get("/deliveries/export", params={"q": line}) for _ in range(49)]
        listed = await client.get("/settings/actions")
        shown = await client.get(f"/settings/actions/{taken[-1].headers['x-syncd-action']}")
    assert len(listed.content) < 40_000
    assert (line in listed.text, line in shown.text) == (False, True)


async def test_who_looks_at_the_demo_without_signing_in_is_a_row_too(filled: Parts) -> None:
    from syncd.console.demo_plan import DemoPlan  # noqa: PLC0415

    demo = replace(filled, demo=DemoPlan("http://127.0.0.1:1", "key", "http://127.0.0.1:1", TOKEN))
    transport = httpx.ASGITransport(app.create(demo), client=("127.0.0.1", 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        assert (await client.get("/deliveries/export")).status_code == 200
    assert [(one.act, one.outcome) for one in log(filled.database)] == [("GET /deliveries/export", "done")]
