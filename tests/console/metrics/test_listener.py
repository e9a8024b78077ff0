"""GET /metrics beside a living daemon: what is there, on which port, and what is said when the database is away."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from syncd import __version__
from syncd.cli.web import console_application, receiving
from syncd.console.metrics.listener import application as metrics
from syncd.console.metrics.listener import listening
from syncd.flow.metrics.catalogue import names
from syncd.flow.metrics.gathering import FRESH_S, Gathering
from syncd.settings import Settings
from syncd.wiring import Daemon, start
from tests.parts.database import migrate
from tests.parts.ports import free_port

pytestmark = pytest.mark.anyio
KEYS = SecretStr(f"one:{base64.b64encode(bytes(32)).decode()}")


@pytest.fixture
def daemon(database_url: str, tmp_path: Path) -> Iterator[Daemon]:
    made = start(Settings(home=tmp_path, database_url=database_url, master_keys=KEYS))
    yield made
    made.close()


def migrated(folder: Path) -> Path:
    migrate(f"sqlite:///{folder}/syncd.db")
    return folder / "syncd.db"


def gathering(daemon: Daemon) -> Gathering:
    return Gathering(daemon.db, daemon.connections, daemon.clock)


def asked_of(one: Gathering) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(metrics(one)), base_url="http://metrics")


async def test_every_series_is_told_also_by_a_daemon_that_has_done_nothing(daemon: Daemon) -> None:
    async with asked_of(gathering(daemon)) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    told = {line.split()[2] for line in answer.text.splitlines() if line.startswith("# TYPE ")}
    assert told == {name.removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in names()}
    assert f'syncd_build_info{{version="{__version__}"}} 1' in answer.text.splitlines()
    assert 'syncd_pending_changes{direction="inbound",state="held"} 0' in answer.text.splitlines()


async def test_where_the_database_is_away_there_is_no_answer_and_never_half_of_one(tmp_path: Path) -> None:
    daemon = start(Settings(home=tmp_path, database_url=f"sqlite:///{migrated(tmp_path)}"))
    (tmp_path / "syncd.db").write_bytes(b"no database at all" * 1000)
    async with asked_of(gathering(daemon)) as client:
        answer = await client.get("/metrics")
    daemon.close()
    assert answer.status_code == 503
    assert "The database cannot be used" in answer.text
    assert "syncd_links" not in answer.text


def test_it_listens_on_a_port_of_its_own_and_ends_with_the_block(daemon: Daemon) -> None:
    port = free_port()
    with listening(gathering(daemon), "127.0.0.1", port):
        transport = httpx.HTTPTransport(retries=5)
        with httpx.Client(transport=transport, base_url=f"http://127.0.0.1:{port}") as client:
            assert "syncd_build_info" in client.get("/metrics").text
            assert client.get("/").status_code == 404
            assert client.post("/metrics").status_code == 405
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/metrics")


async def test_neither_the_hook_listener_nor_the_pages_have_it(daemon: Daemon) -> None:
    for app in (receiving(daemon).application(), console_application(daemon, threading.Event())):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hooks") as client:
            answer = await client.get("/metrics", headers={"authorization": "Bearer x"})
        assert answer.status_code in {401, 404}
        assert "syncd_" not in answer.text


def test_numbers_are_gathered_once_for_all_who_ask_within_seconds(daemon: Daemon) -> None:
    one = gathering(daemon)
    assert one.families() is one.families()
    assert FRESH_S < 15, "shorter than the usual time between two looks"
