"""How dear is a hook? CPU of the receiver for one signed, committed webhook beside a bare POST on the same server.

Both servers stand side by side and are fired at in turn, so that whatever else the machine does falls on both.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from sqlalchemy import func, select

from syncd.store.tables import arrivals

from .hooks import priority_events
from .load import Shot, fire
from .process import cpu_seconds, free_port, running, wait_for_port
from .rig import Rig, linked_cases, open_cases, rig

REQUESTS = 12_000  # in each round, at each server
WARM_UP = 3_000
ROUNDS = 7
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Server:
    pid: int
    port: int
    log: Path


@dataclass(frozen=True, slots=True)
class Fired:
    shot: Shot
    cpu_us: float  # user and system time of the server for each request


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name, rig(Path(name), free_port()) as ready:
        incidents = linked_cases(ready, open_cases(ready, 50))
        with _hello(ready) as hello, _receiver(ready) as receiver:
            warm_up = priority_events(incidents, "warm", WARM_UP)
            _fired(hello, warm_up)
            _fired(receiver, warm_up)
            rounds = [_round(hello, receiver, incidents, number) for number in range(ROUNDS)]
        _require_all_stored(ready, WARM_UP + ROUNDS * REQUESTS)
    return _figures(rounds)


@contextmanager
def _hello(ready: Rig) -> Iterator[Server]:
    port, log = free_port(), ready.folder / "hello.log"
    with running("-m", "tests.bench.hello", str(port), env={}, log=log) as pid:
        wait_for_port(port)
        yield Server(pid, port, log)


@contextmanager
def _receiver(ready: Rig) -> Iterator[Server]:
    log = ready.folder / "web.log"
    with running("-m", "syncd", "web", "--only", "hooks", env=ready.env, log=log) as pid:
        wait_for_port(ready.settings.http_port)
        yield Server(pid, ready.settings.http_port, log)


def _round(hello: Server, receiver: Server, incidents: list[str], number: int) -> tuple[Fired, Fired]:
    """The bare POST and the hook; which of them goes first changes from round to round."""
    shots = priority_events(incidents, f"r{number}", REQUESTS)
    if number % 2:
        hook = _fired(receiver, shots)
        return _fired(hello, shots), hook
    return _fired(hello, shots), _fired(receiver, shots)


def _fired(server: Server, shots: list[bytes]) -> Fired:
    before = cpu_seconds(server.pid)
    shot = fire(server.port, shots, CONNECTIONS)
    spent = cpu_seconds(server.pid) - before
    if set(shot.statuses) != {200}:
        said = server.log.read_text()[-2000:]
        raise RuntimeError(f"Not every request was taken: {dict(shot.statuses)}; the server said: {said}")
    return Fired(shot, spent / len(shots) * 1e6)


def _require_all_stored(ready: Rig, sent: int) -> None:
    with ready.db.read() as tx:
        stored = tx.execute(select(func.count()).select_from(arrivals)).scalar_one()
    if stored != sent:
        raise RuntimeError(f"{sent} hooks were answered with 200 and {stored} are stored; the figures mean nothing.")


def _figures(rounds: list[tuple[Fired, Fired]]) -> dict[str, object]:
    ratios = [hello.cpu_us / hook.cpu_us for hello, hook in rounds]
    return {
        "ratio": round(median(ratios), 3),
        "ratio_of_each_round": [round(one, 3) for one in ratios],
        "hello_cpu_us": round(median(hello.cpu_us for hello, _ in rounds), 1),
        "hook_cpu_us": round(median(hook.cpu_us for _, hook in rounds), 1),
        "hello_per_s": round(median(hello.shot.per_second for hello, _ in rounds)),
        "hooks_per_s": round(median(hook.shot.per_second for _, hook in rounds)),
        "hook_p50_ms": round(median(hook.shot.percentile(0.50) for _, hook in rounds), 1),
        "hook_p99_ms": round(median(hook.shot.percentile(0.99) for _, hook in rounds), 1),
    }
