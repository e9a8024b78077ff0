"""The request budget: so many requests in any sixty seconds, per key, per user or per operation."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Standing:
    limit: int
    remaining: int
    reset_s: int
    is_over: bool

    def headers(self) -> dict[str, str]:
        return {
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(self.remaining),
            "ratelimit-reset": str(self.reset_s),
        }


@dataclass(slots=True)
class Budgets:
    spent: dict[str, deque[datetime]] = field(default_factory=dict)

    def spend(self, limits: Sequence[tuple[str, int]], now: datetime) -> Standing:
        """One request against several limits at once; the tightest is told. A refused request costs nothing."""
        standings = [self._standing(name, limit, now) for name, limit in limits]
        over = next((each for each in standings if each.is_over), None)
        if over is not None:
            return over
        for name, _ in limits:
            self.spent[name].append(now)
        tightest = min(standings, key=lambda each: each.remaining)
        return Standing(tightest.limit, tightest.remaining - 1, tightest.reset_s, is_over=False)

    def _standing(self, name: str, limit: int, now: datetime) -> Standing:
        times = self.spent.setdefault(name, deque())
        while times and times[0] <= now - WINDOW:
            times.popleft()
        left = max(0, limit - len(times))
        frees = (times[0] + WINDOW - now) if times else WINDOW
        return Standing(limit, left, max(1, math.ceil(frees.total_seconds())), is_over=left == 0)
