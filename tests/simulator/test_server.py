"""The server listens only where it may, and stops when told."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.errors import Misconfigured
from syncd.simulator import Fault, Simulator, run, serve, simulator

ALONE = """
from syncd.simulator import run, simulator
run(simulator().app, is_up=lambda url: print(url, flush=True))
"""


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.com"], ids=str)
def test_it_refuses_to_listen_where_others_can_reach_it(sim: Simulator, host: str) -> None:
    with pytest.raises(Misconfigured, match=r"127\.0\.0\.1"):
        run(sim.app, host=host)


def test_a_port_in_use_is_said(sim: Simulator) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=str(port)), serve(sim.app, port=port):
            pass


def test_it_stops_soon_although_a_caller_hangs(sim: Simulator) -> None:
    before = threading.active_count()
    sim.faults.lay(Fault(delay_s=3600))
    said: list[str] = []

    def hang(url: str) -> None:
        try:
            httpx.get(url, timeout=30, trust_env=False)
        except httpx.HTTPError as error:
            said.append(type(error).__name__)

    with serve(sim.app) as base:
        caller = threading.Thread(target=hang, args=(f"{base}/abilities",))
        caller.start()
        assert sim.journal.wait(lambda: len(sim.journal.requests) == 1)
        began = time.monotonic()
    caller.join()
    assert time.monotonic() - began < 5
    assert said
    assert threading.active_count() == before


def test_a_wrong_certificate_is_the_callers_to_hear_of(sim: Simulator, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), serve(sim.app, certificate=tmp_path / "cert", key=tmp_path / "key"):
        pass


def test_a_process_of_its_own_tells_its_address_and_ends_on_sigterm() -> None:
    with subprocess.Popen([sys.executable, "-c", ALONE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            assert httpx.get(f"{url}/_sim/state", trust_env=False).json()["incidents"] == []
            process.send_signal(signal.SIGTERM)
            assert process.wait(5) in (0, -signal.SIGTERM)
        finally:
            process.kill()


def test_it_tells_its_own_time_which_may_be_before_ours() -> None:
    clock = StoppedClock(datetime(2026, 11, 21, 12, tzinfo=UTC))
    with simulator(seed=1, clock=clock) as made, serve(made.app) as url:
        headers = {"Authorization": f"Token token={made.keys.full}"}
        answers = []
        for ahead in (0.0, 90.0):
            made.switches.clock_ahead_s = ahead
            answers.append(httpx.get(f"{url}/abilities", headers=headers, trust_env=False))
    assert [one.headers.get_list("date") for one in answers] == [
        ["Sat, 21 Nov 2026 12:00:00 GMT"],
        ["Sat, 21 Nov 2026 12:01:30 GMT"],
    ]
