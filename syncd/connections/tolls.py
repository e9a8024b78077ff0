"""From an account to whoever keeps its request budget. PagerDuty counts requests, and the events of a service key, by the minute."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from syncd.budget.allowance import EVENTS_LIMIT, PAGERDUTY_LIMIT, Allowance
from syncd.budget.lane import Lane
from syncd.budget.port import Budget
from syncd.systems.answer import pause_of
from syncd.systems.toll import FREE, Purpose, Toll

_LANES = {
    Purpose.STATUS: Lane.STATUS,
    Purpose.NOTE: Lane.NOTE,
    Purpose.RECONCILE: Lane.RECONCILE,
    Purpose.EVIDENCE: Lane.EVIDENCE,
}
_RATE_LIMITED = 429
Left = Mapping[Purpose, int]


class Tolls:
    """One per process. Without a budget every request is free."""

    def __init__(
        self, budget: Budget | None = None, limit: int = PAGERDUTY_LIMIT, events_limit: int = EVENTS_LIMIT
    ) -> None:
        """`limit`: requests of an account in a minute; `events_limit`: of a service key."""
        self._budget, self._limits = budget, {"pagerduty": limit, "events": events_limit}
        self._lock = threading.Lock()
        self._kept: dict[str, _Metered] = {}
        self._limited_apart: dict[str, _Metered] = {}

    def of(self, slug: str, system: str) -> Toll:
        budget, limit = self._budget, self._limits.get(system)
        if budget is None or limit is None:
            return FREE
        with self._lock:
            return self._kept.setdefault(slug, _Metered(budget, Allowance(slug, limit)))

    def apart(self, slug: str, system: str, what: str) -> Toll:
        """For requests that the far side limits besides: they are paid for by the account like all others, and what is heard of their
        own limit is not taken for the account's, since everybody else would wait for it.
        """
        budget, limit = self._budget, self._limits.get(system)
        if budget is None or limit is None:
            return FREE
        key = f"{slug}/{what}"
        with self._lock:
            own = self._limited_apart.setdefault(key, _Metered(budget, Allowance(key, limit)))
        return _Apart(self.of(slug, system), own)

    def remaining(self, slug: str, system: str) -> int | None:
        """How many requests for a status may go out now, of all processes together. None: nobody counts those of this system."""
        limit = self._limits.get(system)
        if self._budget is None or limit is None:
            return None
        return self._budget.room(Allowance(slug, limit), Lane.STATUS)

    def scarce(self) -> Mapping[str, Left]:
        """Of the accounts that have had to wait of late: how many requests of each purpose may go out now."""
        with self._lock:
            kept = dict(self._kept)
        return {slug: left for slug, one in kept.items() if (left := one.left()) is not None}

    def close(self) -> None:
        if self._budget is not None:
            self._budget.close()


class _Metered:
    """The keeper is asked for room only while it has something to refuse: that is a question more for every turn."""

    def __init__(self, budget: Budget, allowance: Allowance) -> None:
        self._budget, self._allowance = budget, allowance
        self._is_scarce = False

    def pay(self, purpose: Purpose, count: int) -> float:
        wait = self._budget.take(self._allowance, _LANES[purpose], count)
        if wait:
            self._is_scarce = True
        return wait

    def left(self) -> Left | None:
        """None while there is plenty."""
        if not self._is_scarce:
            return None
        left = {purpose: self._budget.room(self._allowance, lane) for purpose, lane in _LANES.items()}
        self._is_scarce = any(left[purpose] <= self._allowance.depth(lane) // 2 for purpose, lane in _LANES.items())
        return left

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        if status == _RATE_LIMITED:
            self._is_scarce = True
            self._budget.exhausted(self._allowance, pause_of(headers))
            return
        limit, remaining, reset = (_number(headers, f"ratelimit-{name}") for name in ("limit", "remaining", "reset"))
        # More than half of it left tells nothing that could make ours smaller any time soon.
        if limit is not None and remaining is not None and reset is not None and remaining * 2 < limit:
            self._budget.learn(self._allowance, limit, remaining, float(reset))


class _Apart:
    def __init__(self, account: Toll, own: Toll) -> None:
        self._account, self._own = account, own

    def pay(self, purpose: Purpose, count: int) -> float:
        return self._own.pay(purpose, count) or self._account.pay(purpose, count)

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        self._own.heard(status, headers)


def _number(headers: Mapping[str, str], name: str) -> int | None:
    """Some round, some do not; whatever else stands there is nobody's number."""
    value = headers.get(name, "").strip().partition(".")[0]
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else None
