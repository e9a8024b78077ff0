"""What may happen to a budget, in any order and at any time, for Hypothesis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.port import Budget
from syncd.clock import StoppedClock

LANES = st.sampled_from(Lane)
LIMITS = st.integers(1, 40) | st.sampled_from([60, 100, 480, 960, 5000])
_GAPS_US = st.integers(0, 3_000_000) | st.sampled_from([0, 0, 0, 78_125, 3_750_000, 60_000_000])


@dataclass(frozen=True, slots=True)
class Take:
    after_us: int
    lane: Lane
    part: int  # of the burst, in hundredths; at least one request

    def cost(self, allowance: Allowance) -> int:
        return max(1, allowance.burst * self.part // 100)

    def happens(self, budget: Budget, allowance: Allowance) -> float | int | None:
        return budget.take(allowance, self.lane, self.cost(allowance))


@dataclass(frozen=True, slots=True)
class Glance:
    after_us: int
    lane: Lane

    def happens(self, budget: Budget, allowance: Allowance) -> float | int | None:
        return budget.room(allowance, self.lane)


@dataclass(frozen=True, slots=True)
class Learn:
    after_us: int
    limit: int
    remaining: int
    reset_s: float

    def happens(self, budget: Budget, allowance: Allowance) -> None:
        budget.learn(allowance, self.limit, self.remaining, self.reset_s)


@dataclass(frozen=True, slots=True)
class Exhausted:
    after_us: int
    reset_s: float

    def happens(self, budget: Budget, allowance: Allowance) -> None:
        budget.exhausted(allowance, self.reset_s)


Event = Take | Glance | Learn | Exhausted
_SECONDS = st.integers(0, 60) | st.floats(-5, 120)
_TOLD = st.integers(-3, 1000) | st.sampled_from([60, 960, 5000])
_LEFT = st.integers(-3, 60) | st.integers(0, 1000)
TAKES = st.builds(Take, _GAPS_US, LANES, st.integers(0, 100))
LEARNS = st.builds(Learn, _GAPS_US, _TOLD, _LEFT, _SECONDS)
EVENTS: st.SearchStrategy[Event] = (
    TAKES | TAKES | st.builds(Glance, _GAPS_US, LANES) | LEARNS | st.builds(Exhausted, _GAPS_US, _SECONDS)
)
HISTORIES = st.lists(EVENTS, max_size=60)


def lived(budget: Budget, clock: StoppedClock, allowance: Allowance, history: list[Event]) -> list[float | int | None]:
    """What it answered, one after the other."""
    answers = []
    for event in history:
        clock.forward(timedelta(microseconds=event.after_us))
        answers.append(event.happens(budget, allowance))
    return answers
