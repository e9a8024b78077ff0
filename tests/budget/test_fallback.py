"""A server that is away costs one call now and then a moment, no request too many, and one line in the log."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from syncd.budget.allowance import Allowance
from syncd.budget.fallback import ASKS_AGAIN_S, FallbackBudget, budget, budget_of_a_command
from syncd.budget.lane import Lane
from syncd.budget.process import ProcessBudget
from syncd.budget.shared import SharedBudget
from syncd.clock import Clock
from syncd.embedded.folder import private_folder
from syncd.embedded.valkey import Valkey, started
from tests.budget.outage import Outage
from tests.budget.storm import most_in_a_minute, stopped
from tests.parts.ports import free_port

ACME = Allowance("acme")
SMALL = Allowance("acme", 60)


def beside(shared: Outage | SharedBudget, clock: Clock, processes: int = 2) -> FallbackBudget:
    return FallbackBudget(shared, ProcessBudget(clock, processes), clock)


def test_while_the_shared_one_answers_nothing_else_counts() -> None:
    shared = Outage(clock := stopped())
    one, other = beside(shared, clock), beside(shared, clock)
    assert one.take(ACME, Lane.STATUS, 100) == 0.0
    assert other.room(ACME, Lane.STATUS) == 60
    other.learn(ACME, 960, 50, 30)
    assert one.room(ACME, Lane.STATUS) == 50
    other.exhausted(ACME, 30)
    assert one.room(ACME, Lane.STATUS) == 0


def test_it_is_asked_now_and_then_and_one_line_says_so() -> None:
    shared = Outage(clock := stopped())
    one = beside(shared, clock)
    with structlog.testing.capture_logs() as logged:
        shared.is_out = True
        for _ in range(100):
            one.take(ACME, Lane.STATUS)
        assert shared.asked == 1
        clock.forward(ASKS_AGAIN_S)
        for _ in range(100):
            one.take(ACME, Lane.STATUS)
        assert shared.asked == 2
        shared.is_out = False
        clock.forward(ASKS_AGAIN_S)
        for _ in range(100):
            one.take(ACME, Lane.STATUS)
    assert shared.asked == 2 + 1 + 100  # What this process spent is told first.
    assert [line["event"] for line in logged] == ["budget.lost", "budget.found"]


def test_only_one_thread_waits_for_a_server_that_is_away() -> None:
    shared = Outage(clock := stopped())
    one = beside(shared, clock)
    shared.is_out = True
    one.room(ACME, Lane.STATUS)
    clock.forward(ASKS_AGAIN_S)
    shared.answers.clear()
    with ThreadPoolExecutor(1) as another:
        waits = another.submit(one.room, ACME, Lane.STATUS)
        assert shared.is_asked.wait(20)
        assert [one.room(ACME, Lane.STATUS) for _ in range(80)] == [25] * 80
        assert not waits.done()
        shared.answers.set()
        assert waits.result(20) == 25
    assert shared.asked == 2


def test_whoever_falls_back_begins_without_a_burst_and_at_its_share() -> None:
    shared = Outage(clock := stopped())
    one = beside(shared, clock, processes=2)
    assert one.take(ACME, Lane.STATUS, 160) == 0.0
    shared.is_out = True
    assert one.take(ACME, Lane.STATUS) > 0.0
    clock.forward(61.0)
    assert one.room(ACME, Lane.STATUS) == 80


def test_each_time_it_begins_without_a_burst() -> None:
    shared = Outage(clock := stopped())
    one = beside(shared, clock)
    for _ in range(2):
        shared.is_out = True
        assert one.take(ACME, Lane.STATUS) > 0.0
        shared.is_out = False
        clock.forward(300.0)
        assert one.room(ACME, Lane.STATUS) == 160


def test_a_429_of_before_holds_while_the_server_is_away() -> None:
    shared = Outage(clock := stopped())
    one = beside(shared, clock)
    one.exhausted(ACME, 300)
    shared.is_out = True
    clock.forward(200.0)
    assert one.take(ACME, Lane.STATUS) > 100.0


def test_what_was_learned_before_holds_while_the_server_is_away() -> None:
    shared = Outage(clock := stopped())
    one = beside(shared, clock)
    one.learn(ACME, 960, 40, 60)
    shared.is_out = True
    assert one.room(ACME, Lane.STATUS) == 0
    clock.forward(30.0)
    assert one.room(ACME, Lane.STATUS) == 20


def test_whoever_comes_back_waits_for_the_others_if_it_spent_anything() -> None:
    shared = Outage(clock := stopped())
    early, idle, busy = (beside(shared, clock) for _ in range(3))
    shared.is_out = True
    assert early.take(ACME, Lane.STATUS) > 0.0
    clock.forward(2.0)
    assert early.take(ACME, Lane.STATUS) == 0.0
    clock.forward(61.0)
    assert idle.take(ACME, Lane.STATUS) > 0.0
    assert busy.take(ACME, Lane.STATUS) > 0.0
    clock.forward(2.0)
    assert busy.take(ACME, Lane.STATUS) == 0.0
    shared.is_out = False
    clock.forward(ASKS_AGAIN_S)
    assert early.room(ACME, Lane.STATUS) == 160, "what it spent is in no minute any more"
    assert idle.room(ACME, Lane.STATUS) == 160, "it spent nothing"
    assert busy.take(ACME, Lane.STATUS) == ASKS_AGAIN_S + 1 + ACME.pace_us / 1_000_000
    assert idle.room(ACME, Lane.STATUS) == 0


PHASES = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 120)), max_size=12)


@given(PHASES)
def test_outages_that_all_notice_never_let_a_minute_grow(phases: list[tuple[bool, bool, int]]) -> None:
    shared = Outage(clock := stopped())
    processes = [beside(shared, clock, 3) for _ in range(3)]
    sent: list[float] = []
    for shared.is_out, is_greedy, quarters in phases:
        for _ in range(quarters):
            for one in processes:
                one.room(SMALL, Lane.STATUS)
                while is_greedy and one.take(SMALL, Lane.STATUS) == 0.0:
                    sent.append(clock.monotonic())
            clock.forward(0.25)
    assert most_in_a_minute(sent) <= SMALL.limit


@pytest.fixture
def own_valkey() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One that may be frozen."""
    with private_folder() as folder, started(Valkey(folder, durable=False)) as process:
        yield Valkey(folder).url, process


def test_a_frozen_server_costs_one_call_its_patience_and_is_found_again(
    own_valkey: tuple[str, subprocess.Popen[bytes]],
) -> None:
    url, process = own_valkey
    one = beside(SharedBudget(url, clock=(clock := stopped())), clock)
    with structlog.testing.capture_logs() as logged:
        assert one.take(ACME, Lane.STATUS) == 0.0
        os.kill(process.pid, signal.SIGSTOP)
        waits = [one.take(ACME, Lane.STATUS) for _ in range(10_000)]
        # That this line is reached shows that nobody waited: the server cannot have answered.
        assert all(waits)
        clock.forward(2.0)
        assert one.take(ACME, Lane.STATUS) == 0.0
        os.kill(process.pid, signal.SIGCONT)
        clock.forward(ASKS_AGAIN_S)
        assert one.take(ACME, Lane.STATUS) == ASKS_AGAIN_S + 1 + ACME.pace_us / 1_000_000
    one.close()
    assert [line["event"] for line in logged] == ["budget.lost", "budget.found"]


def test_a_server_that_is_not_there_leaves_each_process_its_share() -> None:
    with structlog.testing.capture_logs() as logged:
        one = budget(f"redis://127.0.0.1:{free_port()}/0", "", 2, clock := stopped())
        assert one.take(ACME, Lane.STATUS) > 0.0
        clock.forward(2.0)
        assert one.take(ACME, Lane.STATUS) == 0.0
    one.close()
    assert [line["event"] for line in logged] == ["budget.lost"]


def test_without_a_server_each_process_has_its_share() -> None:
    one = budget("", "", 4, stopped())
    assert isinstance(one, ProcessBudget)
    assert one.room(ACME, Lane.STATUS) == 40


def test_a_call_that_was_wrong_is_no_outage() -> None:
    one = beside(Outage(clock := stopped()), clock)
    with structlog.testing.capture_logs() as logged, pytest.raises(ValueError, match="from 1 to 160"):
        one.take(ACME, Lane.STATUS, 0)
    assert logged == []


def test_threads_of_the_callers_may_be_many() -> None:
    shared = Outage(clock := stopped())
    one, ready = beside(shared, clock), threading.Barrier(8)
    taken: list[float] = []

    def takes() -> None:
        ready.wait(20)
        taken.extend(wait for wait in (one.take(ACME, Lane.STATUS) for _ in range(100)) if not wait)

    with ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(takes) for _ in range(8)]:
            done.result(20)
    assert len(taken) == 160


def test_a_command_without_redis_asks_at_once_and_one_with_it_shares(redis_url: str) -> None:
    for url in ("", f"redis://127.0.0.1:{free_port()}/0"):
        alone = budget_of_a_command(url, "", stopped())
        assert alone.take(ACME, Lane.RECONCILE, 80) == 0.0, "it has no time to earn anything first"
        assert alone.take(ACME, Lane.RECONCILE, 80) > 0.0
        alone.close()
    worker, command = budget(redis_url, "", 1, Clock()), budget_of_a_command(redis_url, "", Clock())
    assert worker.take(ACME, Lane.STATUS, 160) == 0.0
    assert command.take(ACME, Lane.RECONCILE) > 0.0, "the worker has spent it"
    worker.close()
    command.close()
