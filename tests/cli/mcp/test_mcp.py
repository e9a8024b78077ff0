"""`syncd mcp` as a real client of the protocol has it: started as a process, asked, and refused in sentences."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, TextContent

from syncd.store import links
from syncd.store.database import Database
from tests.cli.conftest import Syncd
from tests.console.collected import collect_into
from tests.store.audit.rows import fill

pytestmark = pytest.mark.anyio
LOOKING = {
    "why",
    "deliveries",
    "delivery",
    "count_deliveries",
    "delivery_fields",
    "links",
    "compare_link",
    "cases",
    "case",
    "conflicts",
    "status",
    "checks",
    "evidence",
    "evidence_of_check",
    "doctor",
}
ACTING = {"replay", "pause_link", "resume_link", "pause_integration", "resume_integration"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def asked(home: Path, *words: str) -> AsyncIterator[Client]:
    """The process has only what is said here: a token for a daemon elsewhere comes from its environment."""
    kept = {name: os.environ[name] for name in ("PATH", "SYNCD_TOKEN") if name in os.environ}
    started = StdioServerParameters(
        command=sys.executable,
        args=["-m", "syncd", "mcp", *words],
        env={**kept, "SYNCD_HOME": str(home), "SYNCD_BY": "Ana"},
        cwd=str(home),
    )
    async with Client(stdio_client(started), read_timeout_seconds=60) as client:
        yield client


def data(answer: CallToolResult) -> dict[str, Any]:
    assert not answer.is_error, answer.content
    assert isinstance(answer.structured_content, dict)
    return answer.structured_content


def refusal(answer: CallToolResult) -> str:
    assert answer.is_error
    (said,) = answer.content
    assert isinstance(said, TextContent)
    return said.text


async def names(client: Client) -> Sequence[str]:
    return [tool.name for tool in (await client.list_tools()).tools]


async def test_it_only_looks_unless_it_was_allowed_more(home: Path, link: int, store: Database) -> None:
    async with asked(home) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == LOOKING
        assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)
        assert "Unknown tool" in refusal(await client.call_tool("pause_link", {"number": link}))
    with store.read() as tx:
        found = links.get(tx, link)
    assert found is not None
    assert not found.link.is_paused


async def test_what_the_commands_answer_it_answers(home: Path, syncd: Syncd, link: int) -> None:
    async with asked(home) as client:
        checked = data(await client.call_tool("doctor", {}))["checks"]
        status = data(await client.call_tool("status", {}))
        none = refusal(await client.call_tool("checks", {"integration": "acme"}))
        why = data(await client.call_tool("why", {"reference": "CS-1"}))
        found = data(await client.call_tool("links", {"about": "CS-1"}))
        fields = data(await client.call_tool("delivery_fields", {}))
        rows = data(await client.call_tool("deliveries", {"query": "outcome:failed age<24h"}))
        counted = data(await client.call_tool("count_deliveries", {"query": "age<24h", "by": "outcome"}))
    assert {one["check"] for one in checked} >= {"config", "broker", "secrets"}
    assert status["parts"] == syncd("status", "-o", "json").json["parts"]
    assert "There is no integration called acme" in none
    assert why == syncd("why", "CS-1", "-o", "json").json
    assert [one["id"] for one in found["links"]] == [link]
    assert "outcome" in {one["name"] for one in fields["fields"]}
    assert (rows, counted["counted"]) == ({"deliveries": []}, 0)


async def test_what_is_refused_comes_back_as_its_sentence_and_the_next_question_is_answered(home: Path) -> None:
    async with asked(home) as client:
        nobody = refusal(await client.call_tool("why", {"reference": "CS-9"}))
        typed = refusal(await client.call_tool("deliveries", {"query": "outcom:failed"}))
        misnamed = refusal(await client.call_tool("why", {"ref": "CS-9"}))
        surplus = refusal(await client.call_tool("status", {"deep": True}))
        none = data(await client.call_tool("links", {}))
    assert "Nothing here is known as CS-9: no case, no incident" in nobody
    assert "outcome" in typed
    assert "why was asked wrongly: it takes no ref, it needs reference; it takes reference, compare." in misnamed
    assert "status was asked wrongly: it takes no deep; it takes nothing." in surplus
    assert none == {"links": []}


async def test_what_it_may_do_is_signed_and_planned_first(
    home: Path, syncd: Syncd, acme: None, link: int, store: Database
) -> None:
    fill(store)
    (number, *_) = (one["id"] for one in syncd("deliveries", "list", "-o", "json").json)
    async with asked(home, "--enable-write-tools") as client:
        assert set(await names(client)) == LOOKING | ACTING
        paused = data(await client.call_tool("pause_link", {"number": link, "why": "a move"}))
        why = data(await client.call_tool("why", {"reference": f"link:{link}"}))
        plan = data(await client.call_tool("replay", {"deliveries": [number]}))
        nobody = refusal(await client.call_tool("replay", {"deliveries": [4711]}))
        data(await client.call_tool("resume_link", {"number": link}))
    assert paused["is_paused"]
    assert "Ana (by an assistant)" in why["says"]
    assert [(one["delivery"], one["is_going"]) for one in plan["replays"]] == [(number, False)]
    assert "There is no delivery 4711" in nobody
    with store.read() as tx:
        found = links.get(tx, link)
    assert found is not None
    assert not found.link.is_paused
    log = [one for one in syncd("actions", "list", "-o", "json").json if one["act"].startswith("syncd mcp")]
    assert [(one["act"], one["named"], one["outcome"]) for one in reversed(log)] == [
        ("syncd mcp pause_link", {"link": str(link)}, "done"),
        ("syncd mcp resume_link", {"link": str(link)}, "done"),
    ]


async def test_a_daemon_elsewhere_is_asked_with_the_token_of_the_environment(home: Path, elsewhere: str) -> None:
    async with asked(home, "--server", elsewhere) as client:
        assert "Nothing here is known as CS-9" in refusal(await client.call_tool("why", {"reference": "CS-9"}))
        assert data(await client.call_tool("links", {})) == {"links": []}
        assert data(await client.call_tool("status", {}))["links_in_conflict"] == 0
        assert set(await names(client)) == LOOKING - {"doctor"}, "it is checked where it runs"


async def test_of_evidence_it_answers_what_the_report_says(home: Path, syncd: Syncd, migrated_file: Path) -> None:
    shutil.copy(migrated_file, home / "syncd.db")
    collect_into(home / "syncd.db")
    period = "2026-02-01..2026-03-02"
    told = syncd("evidence", "report", "acme", "--period", period).json
    async with asked(home) as client:
        whole = data(await client.call_tool("evidence", {"period": period}))
        one = data(await client.call_tool("evidence_of_check", {"check": "svc-01", "period": period, "limit": 1}))
        wrong = refusal(await client.call_tool("evidence_of_check", {"check": "SVC-99"}))
    assert (whole["counts"], whole["visible"]) == (told["counts"], told["visible"])
    assert [(each["check"], each["result"]) for each in whole["controls"]] == [
        (each["check"], each["result"]) for each in told["controls"]
    ]
    rows = [each for each in told["exceptions"] if each["check"] == "SVC-01"]
    assert (one["exceptions"], one["left_out"]) == (rows[:1], len(rows) - 1)
    assert len(rows) > 1
    assert "SVC-99 is no check" in wrong
