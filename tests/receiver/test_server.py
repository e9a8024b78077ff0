"""The receiver as a process: what it answered stands in the database even if it is killed at once, and it stops in time."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from syncd.connections.vault import Vault, generate_key
from tests.parts.ports import free_port
from tests.receiver.site import SECRET, Site, event, request, served, signed, site
from tests.waiting import wait_until

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


@contextmanager
def process(here: Site) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """One that shares the database and can unseal what is in it."""
    key, port = generate_key(), free_port()
    here.vault = Vault(key)
    here.add_source("shared", SECRET)
    command = [sys.executable, "-m", "tests.receiver.process", str(Path(str(here.db.url.database)).parent), str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as started:
        assert started.stdin is not None
        started.stdin.write(f"{key}\n".encode())
        started.stdin.flush()
        try:
            wait_until(lambda: is_listening(port))
            yield started, port
        finally:
            started.kill()


def is_listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


async def post_until_it_dies(port: int, keys: list[str], answered: list[str]) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for key in keys:
            body = event(key, incident=f"P{key}")
            try:
                answer = await client.post("/hooks/shared", content=body, headers=signed(body))
            except httpx.HTTPError:
                return
            assert answer.status_code == 200
            answered.append(key)


async def test_what_was_answered_is_stored_whenever_it_is_killed(here: Site) -> None:
    answered: list[str] = []
    with process(here) as (receiver, port):
        senders = [
            asyncio.create_task(post_until_it_dies(port, [f"{sender}.{n}" for n in range(1000)], answered))
            for sender in range(16)
        ]
        await asyncio.to_thread(wait_until, lambda: len(answered) >= 200)
        receiver.kill()
        await asyncio.gather(*senders)
    assert len(answered) < 16_000, "It answered everything before it was killed."
    assert set(answered) <= {row["event_key"] for row in here.arrivals()}


async def test_sixty_four_at_once_are_all_committed_before_their_answers(here: Site) -> None:
    with served(here) as (_, port):
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", limits=httpx.Limits(max_connections=64)
        ) as client:

            async def post(number: int) -> bool:
                body = event(str(number))
                answer = await client.post("/hooks/pd", content=body, headers=signed(body))
                # Another connection sees only what is committed.
                return answer.status_code == 200 and str(number) in {row["event_key"] for row in here.arrivals()}

            assert all(await asyncio.gather(*(post(number) for number in range(64))))
    assert len(here.arrivals()) == 64


def test_it_stops_in_time_with_connections_open(here: Site) -> None:
    with process(here) as (receiver, port), socket.create_connection(("127.0.0.1", port), timeout=10) as idle:
        body = event("before the end")
        idle.sendall(request(body, signed(body), "/hooks/shared"))
        assert idle.recv(65536).startswith(b"HTTP/1.1 200")
        with socket.create_connection(("127.0.0.1", port), timeout=10) as slow:
            slow.sendall(
                request(b"", {"Content-Length": "100"}, "/hooks/shared").replace(b"Content-Length: 0\r\n", b"")
            )
            os.kill(receiver.pid, signal.SIGTERM)
            said, _ = receiver.communicate(timeout=5)
            assert receiver.returncode == 0, "whoever called it puts its things away"
            assert said == b"put away\n"
    assert [row["event_key"] for row in here.arrivals()] == ["before the end"]
