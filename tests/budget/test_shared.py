"""One budget for all processes, on a real server: the same answers as in one process, and never more than one burst at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from redis import Redis

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.process import ProcessBudget
from syncd.budget.shared import SharedBudget
from syncd.clock import Clock, StoppedClock
from syncd.embedded.valkey import Valkey
from tests.budget.histories import HISTORIES, LIMITS, Event, lived
from tests.budget.storm import START, stopped

ACME = Allowance("acme")
ROOT = Path(__file__).resolve().parents[2]
NUMBERS = count()
ANOTHER_PROCESS = """
import sys
from datetime import datetime
from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.shared import SharedBudget
from syncd.clock import StoppedClock

url, at = sys.argv[1:]
budget = SharedBudget(url, clock=StoppedClock(datetime.fromisoformat(at)) if at else None)
print("ready", flush=True)
sys.stdin.read()  # Until all have come this far.
print(sum(budget.take(Allowance("acme"), Lane.STATUS) == 0.0 for _ in range(300)))
budget.close()
"""


@contextmanager
def sharing(redis_url: str, prefix: str = "", clock: Clock | None = None) -> Iterator[SharedBudget]:
    budget = SharedBudget(redis_url, prefix, clock)
    yield budget
    budget.close()


@contextmanager
def connected(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url, socket_timeout=5) as client:
        yield client


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LIMITS, HISTORIES)
def test_it_answers_what_one_process_would(valkey: Valkey, limit: int, history: list[Event]) -> None:
    allowance = Allowance(f"acme-{next(NUMBERS)}", limit)
    here, there = stopped(), stopped()
    with sharing(valkey.url, clock=there) as shared:
        assert lived(shared, there, allowance, history) == lived(ProcessBudget(here), here, allowance, history)


def test_threads_share_one_burst(redis_url: str) -> None:
    with sharing(redis_url, clock=stopped()) as budget, ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: budget.take(ACME, Lane.NOTE), range(400)))
    assert sum(wait == 0.0 for wait in waits) == 120


def started(redis_url: str, at: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ANOTHER_PROCESS, redis_url, at]
    return subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def taken_by_processes(redis_url: str, at: str) -> int:
    with ExitStack() as stack, ThreadPoolExecutor(3) as threads:
        others = [stack.enter_context(started(redis_url, at)) for _ in range(3)]
        for other in others:
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
        return sum(threads.map(lambda other: int(other.communicate("")[0]), others))


def test_processes_share_one_burst(redis_url: str) -> None:
    assert taken_by_processes(redis_url, START.isoformat()) == 160


def test_by_the_servers_clock_processes_together_stay_within_burst_and_pace(redis_url: str) -> None:
    with connected(redis_url) as client:
        begun = client.time()
        taken = taken_by_processes(redis_url, "")
        ended = client.time()
    passed_us = (ended[0] - begun[0]) * 1_000_000 + ended[1] - begun[1]
    assert 160 <= taken <= 160 + passed_us // ACME.pace_us


def test_its_key_names_the_integration_under_the_prefix_and_does_not_stay(redis_url: str) -> None:
    with sharing(redis_url, "site-a:") as budget, connected(redis_url) as client:
        assert budget.take(ACME, Lane.STATUS) == 0.0
        budget.learn(ACME, 960, 900, 30)
        assert budget.room(ACME, Lane.EVIDENCE) == 39
        assert list(client.scan_iter("*")) == [b"site-a:syncd:budget:acme"]
        assert 60 < client.ttl("site-a:syncd:budget:acme") <= 92
        budget.exhausted(ACME, 600)
        assert 660 < client.ttl("site-a:syncd:budget:acme") <= 675


def test_a_server_that_forgot_the_script_is_told_it_again(redis_url: str) -> None:
    with sharing(redis_url, clock=stopped()) as budget, connected(redis_url) as client:
        assert budget.take(ACME, Lane.STATUS, 100) == 0.0
        client.script_flush()
        assert budget.room(ACME, Lane.STATUS) == 60
        assert budget.take(ACME, Lane.STATUS, 60) == 0.0


def test_what_the_far_side_said_is_counted_down_and_forgotten_when_it_has_run_out(redis_url: str) -> None:
    with sharing(redis_url, clock=(clock := stopped())) as budget:
        budget.learn(ACME, 960, 50, 59)
        assert budget.take(ACME, Lane.STATUS, 30) == 0.0
        assert budget.room(ACME, Lane.STATUS) == 20
        clock.forward(60.0)
        assert [budget.room(ACME, Lane.STATUS) for _ in range(3)] == [160] * 3


def test_a_clock_that_is_set_back_closes_nothing(redis_url: str) -> None:
    with sharing(redis_url, clock=(clock := stopped())) as budget:
        assert budget.take(ACME, Lane.STATUS, 160) == 0.0
        clock.forward(-3600)
        assert budget.take(ACME, Lane.STATUS) == ACME.pace_us / 1_000_000
        clock.forward(ACME.pace_us / 1_000_000)
        assert budget.take(ACME, Lane.STATUS) == 0.0


def test_a_cost_that_could_never_be_taken_reaches_no_server() -> None:
    with sharing("redis://127.0.0.1:1/0", clock=StoppedClock(START)) as budget, pytest.raises(ValueError, match="161"):
        budget.take(ACME, Lane.STATUS, 161)
