"""The answer that pages show, and that findings are listed from. Making one of a large account takes seconds, so that whoever looks again
sees the same one for as long as nothing has changed that it stands on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.clock import Clock
from syncd.evidence.desk import Desk
from syncd.evidence.freshness import flips
from syncd.evidence.report.plain import Plain
from syncd.store.evidence.stamp import Ground, ground_of, stamp_of

FRESH_S = 60.0
_MOST = 4  # answers that are kept; each may be of thousands of incidents


@dataclass(frozen=True, slots=True)
class _Answer:
    ground: Ground
    made_at: float
    until: datetime | None
    report: Plain


@dataclass(slots=True)
class Shelf:
    """Where answers are kept, for all who ask by the same rules."""

    kept: dict[tuple[str, str], _Answer] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Answers:
    """Whatever it was made from makes another one when it changes; and so does time: within the minute, or when something runs out."""

    desk: Desk
    clock: Clock
    shelf: Shelf = field(default_factory=Shelf)

    def of(self, slug: str, period: str, by: str) -> Plain:
        """Asked by whoever asked first."""
        self.desk.account(slug)
        place = slug, period
        with self.desk.db.read() as tx:
            ground, now = ground_of(tx, slug), self.desk.db.now(tx)
        return self._same(place, ground, now) or self._made(place, ground, now, by)

    def stamp(self, slug: str) -> str:
        """In one word what an answer would be made of now."""
        with self.desk.db.read() as tx:
            return "-".join(map(str, stamp_of(tx, slug)))

    def _same(self, place: tuple[str, str], ground: Ground, now: datetime) -> Plain | None:
        there = self.shelf.kept.get(place)
        if there is None or there.ground != ground or self.clock.monotonic() - there.made_at > FRESH_S:
            return None
        return there.report if there.until is None or now < there.until else None

    def _made(self, place: tuple[str, str], ground: Ground, now: datetime, by: str) -> Plain:
        """One at a time: of several who ask for the same the others find it made. What changes while it is made makes another one."""
        with self.shelf.turn:
            there = self._same(place, ground, now)
            if there is not None:
                return there
            report = _lighter(self.desk.report(*place, by))
            kept = self.shelf.kept
            kept.pop(place, None)
            while len(kept) >= _MOST:
                kept.pop(next(iter(kept)))
            until = min(_runs_out(report, now), default=None)
            kept[place] = _Answer(ground, self.clock.monotonic(), until, report)
            return report


def _runs_out(report: Plain, now: datetime) -> Iterator[datetime]:
    """When it would be another one though nothing has changed."""
    until = (datetime.fromisoformat(one["until"]) for one in report["acceptances"])
    ages = (
        moment
        for one in report["datasets"]
        if one["collected_at"]
        for moment in flips(datetime.fromisoformat(one["collected_at"]), timedelta(seconds=one["every"]))
    )
    yield from (moment for moment in (*until, *ages) if moment > now)


def _lighter(report: Plain) -> Plain:
    """No page lists all incidents, and they are most of it."""
    times = report["times"]
    return {**report, "times": {**times, "incidents": []}, "incidents": len(times["incidents"])}
