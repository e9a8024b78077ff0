"""`syncd tail`: the program itself, on a pipe and on a terminal, while rows come in and what it asks goes away."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.core.reasons import Outcome, Reason
from syncd.simulator.server import serve
from syncd.store import deliveries
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from tests.parts.database import migrate
from tests.parts.postgres import Postgres

from .conftest import TOKEN, Syncd
from .init.terminal import terminal

WITHIN = 60.0
_HEARS_CTRL_C = (
    "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); sys.argv[0] = 'syncd'; "
    "runpy.run_module('syncd', run_name='__main__')"
)
ROW = Delivery(
    recorded_at=Clock().now(),
    direction="inbound",
    change="resolve",
    outcome=Outcome.APPLIED,
    reason=Reason.CHANGED,
    case_id="CS-1",
)


def _record(store: Database, *rows: Delivery) -> None:
    with store.write() as tx:
        now = store.now(tx)
        deliveries.record_many(tx, [replace(row, recorded_at=now) for row in rows])


class Running:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: dict[str, queue.Queue[str]] = {"out": queue.Queue(), "err": queue.Queue()}
        for name, stream in (("out", process.stdout), ("err", process.stderr)):
            threading.Thread(target=self._keep, args=(name, stream), daemon=True).start()

    def _keep(self, name: str, stream: Iterable[str]) -> None:
        for line in stream:
            self._lines[name].put(line)

    def line(self) -> str:
        return self._lines["out"].get(timeout=WITHIN)

    def word(self) -> str:
        return self._lines["err"].get(timeout=WITHIN)

    def number(self) -> int:
        return int(json.loads(self.line())["id"])

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(WITHIN)

    @property
    def rest(self) -> list[str]:
        return [*self._lines["out"].queue, *self._lines["err"].queue]


@contextmanager
def tailing(home: Path, *words: str) -> Iterator[Running]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, "-c", _HEARS_CTRL_C, "tail", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        cwd=home,
        env=environment,
    )
    try:
        with process:
            yield Running(process)
    finally:
        process.kill()


def test_rows_come_as_they_are_recorded_and_ctrl_c_ends_it_quietly(home: Path, store: Database) -> None:
    _record(store, ROW, ROW)
    with tailing(home, "--since", "10m", "case:CS-1 -reason:echo") as running:
        assert [running.number(), running.number()] == [1, 2]
        _record(store, ROW, replace(ROW, reason=Reason.ECHO), replace(ROW, case_id="CS-2"), ROW)
        assert [running.number(), running.number()] == [3, 6]
        assert (running.interrupt(), running.rest) == (130, [])


def test_on_a_terminal_it_is_a_table_that_says_why_nothing_was_done(home: Path, store: Database) -> None:
    _record(store, replace(ROW, outcome=Outcome.IGNORED, reason=Reason.UNLINKED, detail="No link\x1b[2J of it."))
    with terminal(home, "tail", "--since", "10m") as shown:
        shown.interrupt_once("No link [2J of it.")
        assert shown.end() == 130
    assert shown.seen.split()[0] == "1"
    assert "ignored" in shown.seen.splitlines()[0]


def test_what_cannot_be_followed_is_told_at_once(syncd: Syncd, store: Database) -> None:
    for words, said in (
        (["outcom:x"], "At character 1: 'outcom' is no field"),
        (["--since", "soon"], "'soon' is no moment"),
        (["-o", "json"], "-o json needs an end, and this has none"),
        (["--server", "http://127.0.0.1:1"], "SYNCD_TOKEN is not set"),
    ):
        ended = syncd("tail", *words)
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.err


def test_a_database_that_is_away_is_waited_for_with_one_line(
    home: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.create(migrate)
    name = urlsplit(url).path.removeprefix("/")
    monkeypatch.setenv("SYNCD_DATABASE_URL", url)
    store = Database(url, Clock())
    try:
        _record(store, ROW)
        with tailing(home, "--since", "10m") as running:
            assert running.number() == 1
            postgres.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  our own name
            assert running.word().startswith("syncd: The database cannot be used")
            postgres.run(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            _record(store, ROW)
            assert running.number() == 2
            assert (running.interrupt(), running.rest) == (130, [])
    finally:
        store.close()
        postgres.drop(url)


def test_a_daemon_that_is_away_is_waited_for_with_one_line(
    home: Path, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_TOKEN", TOKEN)
    connections = Connections(store, Vault(generate_key()), Clock())
    parts = Parts(store, Cases(store, site="http://here"), connections, lambda _: None, Clock(), TOKEN)
    _record(store, ROW)
    with ExitStack() as stack:
        with serve(create(parts)) as url:
            running = stack.enter_context(tailing(home, "--server", url, "--since", "10m"))
            assert running.number() == 1
        said = running.word()
        assert said.startswith(f"syncd: {url} cannot be reached")
        assert said.endswith("Waiting for it; nothing is left out.\n")
        _record(store, ROW)
        with serve(create(parts), port=urlsplit(url).port or 0):
            assert running.number() == 2
            assert (running.interrupt(), running.rest) == (130, [])
