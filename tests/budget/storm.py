"""Simulated minutes in which more wants to go out than may: who got how much, and when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from syncd.budget.allowance import MINUTE_US, Allowance
from syncd.budget.lane import Lane
from syncd.budget.port import Budget
from syncd.clock import StoppedClock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TICK_S = 0.05
MINUTE_S = 60.0


def stopped() -> StoppedClock:
    return StoppedClock(START)


@dataclass(slots=True)
class Storm:
    """The lowest lane always asks first, so whatever a higher one gets it gets by its lane."""

    budget: Budget
    clock: StoppedClock
    allowance: Allowance
    asks_every_s: float = TICK_S  # whoever was refused asks again when it was told to, and no sooner than this
    waiting: dict[Lane, float] = field(default_factory=dict)
    asks_at: dict[Lane, float] = field(default_factory=dict)
    sent: list[tuple[float, Lane]] = field(default_factory=list)
    asked: int = 0

    def rages(self, minutes: float, a_minute: Mapping[Lane, float]) -> None:
        for _ in range(round(minutes * MINUTE_S / TICK_S)):
            for lane in sorted(a_minute):
                self.waiting[lane] = self.waiting.get(lane, 0.0) + a_minute[lane] * TICK_S / MINUTE_S
                self._send(lane)
            self.clock.forward(TICK_S)

    def got(self, since_s: float = 0.0, until_s: float = float("inf")) -> Counter[Lane]:
        """Between these seconds after the start."""
        begin = START.timestamp()
        return Counter(lane for at, lane in self.sent if since_s <= at - begin < until_s)

    def _send(self, lane: Lane) -> None:
        now = self.clock.monotonic()
        if now < self.asks_at.get(lane, 0.0):
            return
        while self.waiting[lane] >= 1.0:
            self.asked += 1
            wait = self.budget.take(self.allowance, lane)
            if wait:
                self.asks_at[lane] = now + max(wait, self.asks_every_s)
                return
            self.waiting[lane] -= 1.0
            self.sent.append((now, lane))


def most_in_a_minute(sent: Sequence[float]) -> int:
    """The largest number in any sixty seconds, both ends counted, however they are laid."""
    times = [round(at * 1_000_000) for at in sent]
    most = first = 0
    for last, at in enumerate(times):
        while times[first] < at - MINUTE_US:
            first += 1
        most = max(most, last - first + 1)
    return most
