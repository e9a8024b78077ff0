"""One process alone: its share and no more, however many threads ask; each key by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.process import ProcessBudget
from tests.budget.storm import TICK_S, most_in_a_minute, stopped

ACME = Allowance("acme")


def test_the_processes_together_stay_within_the_limit() -> None:
    clock = stopped()
    sent = []
    budgets = [ProcessBudget(clock, 4) for _ in range(4)]
    for _ in range(2400):
        for budget in budgets:
            while budget.take(ACME, Lane.STATUS) == 0.0:
                sent.append(clock.monotonic())
        clock.forward(TICK_S)
    assert most_in_a_minute(sent) == 928


def test_threads_share_one_burst() -> None:
    budget = ProcessBudget(stopped())
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: budget.take(ACME, Lane.NOTE), range(800)))
    assert sum(wait == 0.0 for wait in waits) == 120


def test_each_key_has_a_budget_of_its_own() -> None:
    budget = ProcessBudget(stopped())
    assert budget.take(ACME, Lane.STATUS, 160) == 0.0
    assert budget.room(ACME, Lane.STATUS) == 0
    assert budget.room(Allowance("globex", 60), Lane.STATUS) == 10


def test_of_what_the_far_side_has_left_a_process_takes_its_share() -> None:
    budget = ProcessBudget(stopped(), 4)
    budget.learn(ACME, 960, 40, 30)
    assert budget.room(ACME, Lane.STATUS) == 10
    budget.learn(ACME, 96, 36, 30)
    assert budget.room(ACME, Lane.STATUS) == 9


def test_of_the_tighter_limit_of_one_operation_too() -> None:
    budget = ProcessBudget(stopped(), 4)
    budget.learn(ACME, 96, 40, 30)
    assert [budget.room(ACME, lane) for lane in sorted(Lane, reverse=True)] == [10, 9, 8, 7]
