"""A shared budget that can be away, and processes that notice: without a server, so that a year of outages takes a second."""

from __future__ import annotations

import threading

from redis.exceptions import ConnectionError as RedisConnectionError

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.process import ProcessBudget
from syncd.clock import Clock


class Outage:
    """The budget of all processes while `is_out` is not set."""

    def __init__(self, clock: Clock) -> None:
        self._kept = ProcessBudget(clock)
        self.is_out = False
        self.asked = 0
        self.is_asked = threading.Event()
        self.answers = threading.Event()  # or lets whoever asks wait
        self.answers.set()

    def take(self, allowance: Allowance, lane: Lane, cost: int = 1) -> float:
        return self._there().take(allowance, lane, cost)

    def room(self, allowance: Allowance, lane: Lane) -> int:
        return self._there().room(allowance, lane)

    def learn(self, allowance: Allowance, limit: int, remaining: int, reset_s: float) -> None:
        self._there().learn(allowance, limit, remaining, reset_s)

    def exhausted(self, allowance: Allowance, reset_s: float) -> None:
        self._there().exhausted(allowance, reset_s)

    def close(self) -> None:
        pass

    def _there(self) -> ProcessBudget:
        self.asked += 1
        if not self.answers.is_set():
            self.is_asked.set()
            assert self.answers.wait(20)
        if self.is_out:
            raise RedisConnectionError("It is out.")
        return self._kept
