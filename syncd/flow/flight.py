"""What one process has out: calls to each account in lanes of its own, so that one that hangs takes nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from syncd.store.arrivals import Arrival, Record

from .pace import Pace


@dataclass(slots=True)
class _Account:
    pool: ThreadPoolExecutor
    pace: Pace
    jobs: set[str] = field(default_factory=set)  # tokens
    looks: dict[int, Record] = field(default_factory=dict)  # arrivals


class Flight:
    """For the thread of turns; only `saw` is called from lanes."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._accounts: dict[str, _Account] = {}
        self._is_closed = False

    def count(self) -> int:
        return sum(len(one.jobs) + len(one.looks) for one in self._accounts.values())

    def looks(self) -> dict[int, Record]:
        return {arrival_id: of for one in self._accounts.values() for arrival_id, of in one.looks.items()}

    def rooms(self, slugs: Iterable[str]) -> dict[str, int]:
        """How many more calls each of these accounts may get now."""
        return {slug: self._room(slug) for slug in slugs}

    def attempt(self, slug: str, token: str, act: Callable[[], object]) -> None:
        if not self._is_closed:
            account = self._account(slug)
            account.jobs.add(token)
            account.pool.submit(act)

    def look(self, arrival: Arrival, act: Callable[[], object]) -> None:
        if not self._is_closed:
            account = self._account(arrival.source)
            account.looks[arrival.id] = arrival.of
            account.pool.submit(act)

    def attempted(self, slug: str, token: str) -> None:
        self._account(slug).jobs.discard(token)

    def looked(self, arrival: Arrival) -> None:
        self._account(arrival.source).looks.pop(arrival.id, None)

    def saw(self, slug: str, seconds: float) -> None:
        """How long a call took."""
        self._accounts[slug].pace.saw(seconds)

    def close(self) -> None:
        """What is handed over from now on is left to its lease."""
        self._is_closed = True
        for one in self._accounts.values():
            one.pool.shutdown(wait=False, cancel_futures=True)

    def _room(self, slug: str) -> int:
        account = self._account(slug)
        return max(0, account.pace.window() - len(account.jobs) - len(account.looks))

    def _account(self, slug: str) -> _Account:
        account = self._accounts.get(slug)
        if account is None:
            pool = ThreadPoolExecutor(self._lanes, thread_name_prefix=f"lane-{slug}")
            account = self._accounts[slug] = _Account(pool, Pace(self._lanes))
        return account
