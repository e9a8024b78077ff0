"""SIGTERM to each part while it has calls under way and open connections."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e import books
from tests.e2e.fleet import Fleet
from tests.e2e.program import Program
from tests.faults.deaths import BACKENDS, crowd_of, seeded, slow_site
from tests.faults.figures import reached
from tests.faults.size import sized
from tests.parts.postgres import Postgres

ROW = "SIGTERM with work in flight and an open connection"
QUIET_WITHIN = 150.0


@pytest.mark.parametrize("backend", BACKENDS)
def test_each_part_ends_in_order_and_leaves_nothing_undone(tmp_path: Path, backend: str, postgres: Postgres) -> None:
    took: dict[str, float] = {}
    with slow_site(tmp_path, backend, postgres) as made:
        made.pagerduty_peer.lay(count=0, methods=["POST"], path="*/notes", delay_s=8.0, percent=20)
        crowd = crowd_of(made, seeded(19))
        with crowd.at_work():
            for _ in range(sized(1, 5, 25)):
                for part in ("web0", "worker0", "beat"):
                    took[part] = max(took.get(part, 0.0), _stop(made, made.program(part)))
        made.await_ready()
        made.await_quiet(QUIET_WITHIN)
        wrongs = crowd.wrongs()
        books.match(books.read(made))
    for part, seconds in took.items():
        reached(f"{ROW}, {backend}", f"seconds until {part} has ended, at most", round(seconds, 1), "under 5")
    reached(f"{ROW}, {backend}", "changes lost, doubled, out of order", len(wrongs), "0")
    assert wrongs == []


def _stop(made: Fleet, part: Program) -> float:
    """With a connection that says nothing and one that is in the middle of a request."""
    threading.Event().wait(2)
    with ExitStack() as lines:
        for port in made.web_ports:
            for words in (b"", b"POST /hooks/pagerduty HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nabc"):
                line = lines.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                line.sendall(words)
        began = time.monotonic()
        os.kill(part.pid, signal.SIGTERM)
        status = part.wait(60)
        took = time.monotonic() - began
    assert status in {0, -signal.SIGTERM}, part.said()[-2000:]
    part.start()
    made.await_ready()
    return took
