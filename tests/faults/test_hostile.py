"""The rows of hostile input, against a real receiver process: mutated requests, slow senders, and a disk that is full."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from syncd.clock import Clock
from syncd.core.shard import SHARDS
from syncd.flow.crew import Crew, Limits
from syncd.store import inflow
from syncd.store.tables import arrivals, deliveries
from tests.e2e.program import Program, syncd
from tests.e2e.waiting import until
from tests.faults.crawl import crawling
from tests.faults.disk import Disk, disk
from tests.faults.events import documents
from tests.faults.figures import reached
from tests.faults.shots import PAGERDUTY, Armoury, Shot
from tests.faults.size import sized
from tests.faults.target import Target, target
from tests.faults.volley import Result, Volley, digest

#: `SYNCD_SEED=7` makes the same requests again, and `SYNCD_SEED=7:1234` only that one.
SEED, _, ONLY = os.environ.get("SYNCD_SEED", "").partition(":")
MUTATED = "1,000,000 mutated webhooks and headers"
MEGABYTE = 1024 * 1024


@pytest.fixture
def here(tmp_path: Path, redis_url: str) -> Iterator[Target]:
    with target(tmp_path, redis_url) as made:
        yield made


def test_mutated_requests_are_refused_or_kept_and_cost_no_memory(here: Target) -> None:
    seed, first, shots = int(SEED or time.time()), sized(1_000, 10_000, 10_000), sized(2_000, 100_000, 1_000_000)
    sys.stderr.write(f"the shots of SYNCD_SEED={seed}\n")
    armoury, volley = Armoury(seed, documents()), Volley(here.port)
    if ONLY:
        _shown(armoury.shot(int(ONLY)), volley)
        return
    volley.fire(armoury.shot(number) for number in range(first))
    before, began = here.resident, time.monotonic()
    volley.fire(armoury.shot(number) for number in range(first, first + shots))
    took = time.monotonic() - began
    volley.close()
    grown = (here.resident - before) / MEGABYTE
    forged = _forged(here, volley.result)
    broken = sum(number for status, number in volley.result.answered.items() if status >= 500)
    reached(MUTATED, "sent, a second", f"{shots}, {shots / took:.0f}", "1,000,000; reported")
    reached(MUTATED, "answered 5xx", broken, "0")
    reached(MUTATED, "forged ones accepted", forged, "0")
    reached(MUTATED, "memory after warm-up, MB", f"{grown:+.1f}", "at most +10")
    assert not volley.result.wrong, "\n".join([*volley.result.wrong[:20], *here.lines()[-20:]])
    assert (broken, forged, grown <= 10) == (0, 0, True)
    _is_accounted_for(here, volley.result, took)
    planned = _planned(here)
    reached(MUTATED, "taken in and planned or unreadable", f"{planned}", "each of them")


def _shown(shot: Shot, volley: Volley) -> None:
    """One of them again, with what it is and what came of it."""
    volley.fire([shot])
    volley.close()
    sys.stderr.write(f"{shot}\n{shot.raw[:4_000]!r}\nanswered {dict(volley.result.answered)}\n")
    assert not volley.result.wrong, volley.result.wrong


def _forged(here: Target, result: Result) -> int:
    """Rows whose body no right secret has signed."""
    with here.db.read() as tx:
        return sum(digest(body) not in result.signed for (body,) in tx.execute(select(arrivals.c.body)))


def _is_accounted_for(here: Target, result: Result, took: float) -> None:
    """What was taken has a row, what was refused has one or is counted, and the log has a line for each kind and minute."""
    minutes = took / 60 + 2
    with here.db.read() as tx:
        kept = tx.execute(select(func.count()).select_from(arrivals)).scalar_one()
        found = tx.execute(select(deliveries.c.reason, func.count()).group_by(deliveries.c.reason))
        counted = {str(reason): number for reason, number in found}
    assert kept + counted.get("duplicate", 0) >= result.taken
    assert 0 < counted["bad_signature"] <= 62 * minutes
    assert here.web.complaints() == []
    assert len(here.lines()) < 20 + 12 * minutes, here.lines()


def _planned(here: Target) -> int:
    """By a worker, in this process: none may be left, and none may make it fail."""
    crew = Crew(here.db, here.connections, Clock(), Limits())
    crew.wake(range(SHARDS))
    while crew.wait(0.0):
        crew.turn()
    crew.close()
    with here.db.read() as tx:
        assert inflow.count_waiting(tx) == 0
        found = tx.execute(select(arrivals.c.state, func.count()).group_by(arrivals.c.state))
        states = {str(state): number for state, number in found}
        broken = tx.execute(select(deliveries.c.detail).where(deliveries.c.reason == "broken")).all()
    assert broken == []
    assert states.keys() == {"planned", "unreadable"}
    return sum(states.values())


SLOW = "200 connections that send a byte a second"


def test_honest_senders_notice_nothing_of_two_hundred_that_crawl(tmp_path: Path, redis_url: str) -> None:
    deadline, seconds = sized(2, 5, 5), sized(5, 60, 600)
    with target(tmp_path, redis_url, hook_deadline_s=deadline) as here, crawling(here.port, 200) as crawl:
        armoury, took = Armoury(1, documents()), list[float]()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for number in range(10):
                took.append(_honest(here.port, armoury.fair(len(took) + number)))
            assert crawl.oldest() < deadline + 3.0
        assert here.web.complaints() == []
    assert len(crawl.held) >= 200, "so many were cut"
    p99 = sorted(took)[int(len(took) * 0.99)] * 1000
    reached(SLOW, "honest senders' p99, ms", f"{p99:.0f} of {len(took)}", "< 500")
    reached(
        SLOW,
        "attackers cut after, s",
        f"{max(crawl.held):.1f} at most, {len(crawl.held)} of them",
        f"{deadline}, to the next byte",
    )
    assert p99 < 500
    assert max(crawl.held) < deadline + 2.0  # It is found out with the next byte but one.


def _honest(port: int, shot: Shot) -> float:
    """On a connection of its own: how long from the first byte to the answer."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.sendall(shot.raw)
        assert line.recv(65536).startswith(b"HTTP/1.1 200 ")
    return time.monotonic() - began


FULL = "disk full while recording"
_SENTENCE = "The disk of the database is full"


def test_a_disk_that_is_full_is_said_and_passes_without_a_restart(tmp_path: Path, redis_url: str) -> None:
    with disk(tmp_path, "8m") as small, target(tmp_path, redis_url, at=small) as here:
        worker = Program("worker", (*small.within, *syncd("worker")), here.env, tmp_path / "worker")
        worker.start()
        try:
            _fills_up_and_passes(here, small, worker)
        finally:
            worker.stop()


def _fills_up_and_passes(here: Target, small: Disk, worker: Program) -> None:
    armoury, acknowledged, longest = Armoury(1, documents()), set[bytes](), 0.0
    numbers, processes = count(), (here.web.pid, worker.pid)
    until(lambda: "worker" in small.ask("SELECT part FROM heartbeats"), "the worker works")
    for _ in range(sized(1, 5, 20)):
        _send(here, armoury, numbers, acknowledged, 20)
        small.fill()
        until(lambda: _send(here, armoury, numbers, acknowledged, 5) == {503}, "the disk is full", 30)
        until(lambda: _is_full(here, small), "it is not ready, and says so", 30)
        until(lambda: _SENTENCE in worker.said(), "the worker says so", 30)
        until(lambda: _is_told(here, small), "whoever asks is told so first", 60)
        small.free()
        freed = time.monotonic()
        until(lambda: _readyz(here)[0] == 200, "it is ready again", 30)
        assert _send(here, armoury, numbers, acknowledged, 20) == {200}
        until(lambda: small.ask("SELECT count(*) FROM arrivals WHERE state = 'new'") == ["0"], "all is planned", 60)
        longest = max(longest, time.monotonic() - freed)
    kept = {bytes.fromhex(one) for one in small.ask("SELECT hex(body) FROM arrivals")}
    assert (here.web.is_running(), worker.is_running(), (here.web.pid, worker.pid)) == (True, True, processes)
    assert [line for line in here.lines("hook.put_off") if _SENTENCE in line]
    assert here.web.complaints() == worker.complaints() == []
    reached(FULL, "acknowledged and lost", len(acknowledged - kept), f"0 of {len(acknowledged)}")
    reached(
        FULL, "all goes on after space is free, s, without a restart", f"{longest:.1f}", "clear error, 503, recovers"
    )
    assert acknowledged <= kept


def _send(here: Target, armoury: Armoury, numbers: Iterator[int], acknowledged: set[bytes], many: int) -> set[int]:
    """The statuses that came."""
    volley = Volley(here.port)
    shots = [armoury.fair(next(numbers)) for _ in range(many)]
    statuses = set()
    for shot in shots:
        status = volley.ask(shot)
        statuses.add(status)
        if status == 200 and shot.signed is not None:
            acknowledged.add(shot.signed)
    volley.close()
    return statuses


def _is_full(here: Target, small: Disk) -> bool:
    """The database gives a little back now and then, in which there is room to be ready, and none for a hook: it is filled up again."""
    small.fill()
    return _readyz(here) == (
        503,
        "not ready: the disk of the database is full; free some space, and it goes on by itself.\n",
    )


def _is_told(here: Target, small: Disk) -> bool:
    """By `status` and by `doctor`, which send nobody to the keys."""
    small.fill()
    status = _asked(here, small, "status", "-o", "json")["findings"]
    doctor = _asked(here, small, "doctor", PAGERDUTY, "-o", "json")
    first, codes = status[0]["what"], [one["code"] for one in doctor]
    return first.startswith(_SENTENCE) and codes == ["SYN-DATABASE-FULL", ""]


def _asked(here: Target, small: Disk, *words: str) -> Any:  # noqa: ANN401 - JSON
    env = {**os.environ, **here.env}
    command = (*small.within, *syncd(*words))
    asked = subprocess.run(command, check=False, capture_output=True, text=True, env=env, timeout=60)
    assert asked.returncode == 1, asked.stderr
    return json.loads(asked.stdout)


def _readyz(here: Target) -> tuple[int, str]:
    answer = httpx.get(f"http://127.0.0.1:{here.port}/readyz", timeout=10, trust_env=False)
    return answer.status_code, answer.text
