"""The budget of a process that can ask nobody: it spends its share of the limit and no more."""

from __future__ import annotations

import threading

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.meter import Meter, until_us
from syncd.clock import Clock


class ProcessBudget:
    def __init__(self, clock: Clock, processes: int = 1) -> None:
        self._clock = clock
        self._processes = processes
        self._lock = threading.Lock()
        self._meters: dict[str, Meter] = {}

    def take(self, allowance: Allowance, lane: Lane, cost: int = 1) -> float:
        allowance.check(cost)
        with self._lock:
            return self._meter(allowance).take(self._share(allowance), lane, cost) / 1_000_000

    def room(self, allowance: Allowance, lane: Lane) -> int:
        with self._lock:
            return self._meter(allowance).room(self._share(allowance), lane)

    def learn(self, allowance: Allowance, limit: int, remaining: int, reset_s: float) -> None:
        """The others read the same headers: of what remains, only a share is ours."""
        shared = (max(0, limit) // self._processes, max(0, remaining) // self._processes)
        with self._lock:
            self._meter(allowance).learn(self._share(allowance), *shared, until_us(reset_s))

    def exhausted(self, allowance: Allowance, reset_s: float) -> None:
        with self._lock:
            self._meter(allowance).exhaust(self._share(allowance), until_us(reset_s))

    def close(self) -> None:
        pass

    def _share(self, allowance: Allowance) -> Allowance:
        return allowance.share(self._processes)

    def _meter(self, allowance: Allowance) -> Meter:
        now = round(self._clock.monotonic() * 1_000_000)
        meter = self._meters.setdefault(allowance.key, Meter(now))
        meter.age(now)
        return meter
