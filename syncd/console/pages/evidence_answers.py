"""The answer that a page shows. Making one of a large account takes seconds, so that whoever looks again soon sees the same one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from syncd.clock import Clock
from syncd.evidence.desk import Desk
from syncd.evidence.report.plain import Plain
from syncd.store.evidence.stamp import Stamp, stamp_of

FRESH_S = 60.0
_MOST = 4  # answers that are kept; each may be of thousands of incidents


@dataclass(frozen=True, slots=True)
class _Answer:
    stamp: Stamp
    made_at: float
    report: Plain


@dataclass(frozen=True, slots=True)
class Answers:
    """What was collected, judged or accepted since makes another one; nothing else does within the minute."""

    desk: Desk
    clock: Clock
    _kept: dict[tuple[str, str], _Answer] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def of(self, slug: str, period: str, by: str) -> Plain:
        with self.desk.db.read() as tx:
            stamp = stamp_of(tx, slug)
        place = slug, period
        return self._same(place, stamp) or self._made(place, stamp, lambda: self.desk.report(slug, period, by))

    def stamp(self, slug: str) -> str:
        """In one word what an answer would be made of now."""
        with self.desk.db.read() as tx:
            return "-".join(map(str, stamp_of(tx, slug)))

    def _same(self, place: tuple[str, str], stamp: Stamp) -> Plain | None:
        there = self._kept.get(place)
        if there is None or there.stamp != stamp or self.clock.monotonic() - there.made_at > FRESH_S:
            return None
        return there.report

    def _made(self, place: tuple[str, str], stamp: Stamp, make: Callable[[], Plain]) -> Plain:
        """One at a time: of several who ask for the same the others find it made."""
        with self._turn:
            there = self._same(place, stamp)
            if there is not None:
                return there
            report = _lighter(make())
            self._kept.pop(place, None)
            while len(self._kept) >= _MOST:
                self._kept.pop(next(iter(self._kept)))
            self._kept[place] = _Answer(stamp, self.clock.monotonic(), report)
            return report


def _lighter(report: Plain) -> Plain:
    """No page lists all incidents, and they are most of it."""
    times = report["times"]
    return {**report, "times": {**times, "incidents": []}, "incidents": len(times["incidents"])}
