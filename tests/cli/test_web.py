"""Two listeners: where hooks are taken nothing else is answered, and where people look no hook is taken; over real sockets."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from syncd.cli.beside import beside
from syncd.clock import Clock
from syncd.console.permits import API, OPEN, PAGES, SIGNED_IN
from syncd.errors import Misconfigured
from syncd.receiver.limits import Tally
from syncd.settings import Settings
from syncd.wiring import hooks_on_this_machine, on_this_machine
from tests.console.test_matrix import _address
from tests.e2e.program import Program, syncd
from tests.parts.ports import free_port
from tests.waiting import wait_until
from tests.workers.onehand import TOKEN, Here, settings_for, web

from .conftest import Syncd

OF_THE_RECEIVER = {("POST", "/hooks/{source}"), ("GET", "/healthz"), ("GET", "/readyz")}
OF_THE_CONSOLE = [place for place in (*API, *PAGES, *SIGNED_IN, *OPEN) if place not in OF_THE_RECEIVER]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Here]:
    home = tmp_path_factory.mktemp("web")
    shutil.copy(migrated_file, home / "syncd.db")
    with web(settings_for(home)) as made:
        yield made


def asked(url: str, method: str, path: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.request(method, f"{url}{path}", headers=headers, trust_env=False, timeout=10)


def test_where_hooks_are_taken_there_is_no_page_and_no_api(here: Here) -> None:
    hooks = hooks_on_this_machine(here.settings)
    found = {(method, path): asked(hooks, method, _address(path)) for method, path in OF_THE_CONSOLE}
    assert {place: one.status_code for place, one in found.items() if one.status_code != 404} == {}
    assert {one.text for one in found.values()} == {"Not Found"}
    assert [asked(hooks, "GET", path).status_code for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 404]
    assert asked(hooks, "POST", "/hooks/pagerduty").status_code == 401


def test_where_people_look_no_hook_is_taken(here: Here) -> None:
    console = on_this_machine(here.settings)
    refused = asked(console, "POST", "/hooks/pagerduty")
    assert (refused.status_code, refused.text) == (404, "There is nothing at /hooks/pagerduty.")
    assert asked(console, "GET", "/readyz").status_code == 404
    assert [asked(console, "GET", path).status_code for path in ("/healthz", "/v1/cases", "/login")] == [200] * 3


def test_the_console_stays_on_loopback_where_hooks_are_taken_everywhere(tmp_path: Path, migrated_file: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "syncd.db")
    ports = {"SYNCD_HTTP_PORT": str(free_port()), "SYNCD_CONSOLE_PORT": str(free_port())}
    env = {"SYNCD_HOME": str(tmp_path), "SYNCD_HTTP_HOST": "0.0.0.0", **ports}
    program = Program("web", syncd("web"), env, tmp_path / "web")
    program.start()
    try:
        wait_until(lambda: all(_listens(int(port)) for port in ports.values()))
        assert _listens(int(ports["SYNCD_HTTP_PORT"])) == {"0.0.0.0"}
        assert _listens(int(ports["SYNCD_CONSOLE_PORT"])) == {"127.0.0.1"}
        os.kill(program.pid, signal.SIGTERM)
        assert program.wait(20) in {0, -signal.SIGTERM}, program.said()
    finally:
        program.stop()
    assert Settings().console_host == "127.0.0.1"


def _listens(port: int) -> set[str]:
    lines = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    listening = [one[1] for one in lines if one[3] == "0A" and int(one[1].rpartition(":")[2], 16) == port]
    return {socket.inet_ntoa(bytes.fromhex(one.partition(":")[0])[::-1]) for one in listening}


def test_a_console_that_ends_by_itself_ends_the_process(tmp_path: Path) -> None:
    @asynccontextmanager
    async def broken(_: Starlette) -> AsyncIterator[None]:
        raise ZeroDivisionError
        yield

    told = threading.Event()
    settings = Settings(home=tmp_path, console_port=free_port())
    with beside(Starlette(lifespan=broken), settings, Tally(Clock()), told.set) as made:
        assert told.wait(20)
        assert made.has_ended


def test_one_that_is_told_to_end_is_no_fault(tmp_path: Path) -> None:
    told = threading.Event()
    settings = Settings(home=tmp_path, console_port=free_port())
    with beside(Starlette(), settings, Tally(Clock()), told.set) as made:
        wait_until(lambda: made.server.started)
    assert (told.is_set(), made.has_ended) == (False, False)


def test_a_port_that_is_taken_at_the_last_moment_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(home=tmp_path, console_port=taken.getsockname()[1])
        with pytest.raises(Misconfigured, match=r"choose another: `syncd web --console-port \d+`"):
            beside(Starlette(), settings, Tally(Clock()), lambda: None).__enter__()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("up", "--port", "8090", "--console-port", "8090"), "Hooks and the console both want port 8090"),
        (("web", "--port", "8090", "--console-port", "8090"), "Hooks and the console both want port 8090"),
        (("web", "--only", "console", "--port", "8090"), "with --only console use --console-host and --console-port"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_started(syncd: Syncd, words: tuple[str, ...], said: str) -> None:
    ended = syncd(*words)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
