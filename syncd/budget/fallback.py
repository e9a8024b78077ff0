"""The shared budget, and this process's share of it while Redis is away.

Changing over never gives a burst away: whoever changes begins with none, and whoever comes back lets the others do so first.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import TypeVar

import structlog

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.port import Budget
from syncd.budget.process import ProcessBudget
from syncd.budget.shared import UNREACHABLE, SharedBudget
from syncd.clock import Clock

log = structlog.stdlib.get_logger()

ASKS_AGAIN_S = 5.0  # so often one call of this process finds out whether Redis is back
_A_MINUTE_S = 60.0  # what was spent longer ago is in no minute that holds now

T = TypeVar("T")


class FallbackBudget:
    def __init__(self, shared: Budget, own: Budget, clock: Clock, *, begins_empty: bool = True) -> None:
        self._begins_empty = begins_empty
        self._shared = shared
        self._own = own
        self._clock = clock
        self._lock = threading.Lock()
        self._is_away = False
        self._asks_at = 0.0  # while it is away: when the next call tries it
        self._own_spent: dict[Allowance, float] = {}  # since it went away, and when last

    def take(self, allowance: Allowance, lane: Lane, cost: int = 1) -> float:
        def ask(one: Budget) -> float:
            wait = one.take(allowance, lane, cost)
            if one is self._own and not wait:
                self._spend_own(allowance)
            return wait

        return self._either(allowance, ask)

    def room(self, allowance: Allowance, lane: Lane) -> int:
        return self._either(allowance, lambda one: one.room(allowance, lane))

    def learn(self, allowance: Allowance, limit: int, remaining: int, reset_s: float) -> None:
        self._own.learn(allowance, limit, remaining, reset_s)  # Always: it may be needed the next moment.
        self._either(allowance, lambda one: one.learn(allowance, limit, remaining, reset_s))

    def exhausted(self, allowance: Allowance, reset_s: float) -> None:
        self._own.exhausted(allowance, reset_s)
        self._either(allowance, lambda one: one.exhausted(allowance, reset_s))

    def close(self) -> None:
        self._shared.close()

    def _either(self, allowance: Allowance, ask: Callable[[Budget], T]) -> T:
        if self._may_try():
            try:
                self._hand_back()
                answer = ask(self._shared)
            except UNREACHABLE as error:
                self._lost(error)
            else:
                self._found()
                return answer
        self._begin_own(allowance)
        return ask(self._own)

    def _may_try(self) -> bool:
        """While Redis is away only one call at a time waits for it, and only now and then."""
        with self._lock:
            now = self._clock.monotonic()
            if self._is_away and now < self._asks_at:
                return False
            self._asks_at = now + ASKS_AGAIN_S
            return True

    def _hand_back(self) -> None:
        """What we spent is unknown there, and the other processes spend their own until they ask again."""
        with self._lock:
            since = self._clock.monotonic() - _A_MINUTE_S
            spent = [each for each, at in self._own_spent.items() if self._is_away and at > since]
        for allowance in spent:
            self._shared.exhausted(allowance, ASKS_AGAIN_S)

    def _begin_own(self, allowance: Allowance) -> None:
        """Others may have spent the shared burst a moment ago, so our own begins without one."""
        with self._lock:
            if allowance not in self._own_spent:
                if self._begins_empty:
                    self._own.exhausted(allowance, 0.0)
                self._own_spent[allowance] = -math.inf

    def _spend_own(self, allowance: Allowance) -> None:
        with self._lock:
            self._own_spent[allowance] = self._clock.monotonic()

    def _lost(self, error: Exception) -> None:
        with self._lock:
            self._asks_at = self._clock.monotonic() + ASKS_AGAIN_S
            if self._is_away:
                return
            self._is_away = True
            self._own_spent.clear()
        log.warning("budget.lost", error=str(error), remedy="Each process spends its share until Redis is back.")

    def _found(self) -> None:
        with self._lock:
            was_away, self._is_away = self._is_away, False
        if was_away:
            log.info("budget.found")


def budget(redis_url: str, prefix: str, processes: int, clock: Clock) -> Budget:
    """For one of so many processes: all that use the same credentials, on all machines."""
    own = ProcessBudget(clock, processes)
    return FallbackBudget(SharedBudget(redis_url, prefix), own, clock) if redis_url else own


def budget_of_a_command(redis_url: str, prefix: str, clock: Clock) -> Budget:
    """It asks a few questions and is gone: it could earn nothing back, so that without Redis it asks them from a burst of its own."""
    own = ProcessBudget(clock)
    if not redis_url:
        return own
    return FallbackBudget(SharedBudget(redis_url, prefix), own, clock, begins_empty=False)
