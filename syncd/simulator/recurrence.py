"""When a shift comes again: the part of RFC 5545 that shift-based schedules use, counted on the wall of a zone."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from syncd.simulator.wall import DAY, wall

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY")
MOST = 20_000  # occurrences of one event: a rule that never ends has to


class WrongRule(ValueError):
    """A rule that the simulator cannot follow."""


@dataclass(frozen=True, slots=True)
class Rule:
    frequency: str
    interval: int = 1
    days: tuple[int, ...] = ()  # 0 is Monday
    count: int | None = None
    until: datetime | None = None  # on the wall, as everything here
    without: frozenset[datetime] = field(default_factory=frozenset)
    besides: tuple[datetime, ...] = ()

    def starts(self, first: datetime, last: datetime) -> list[datetime]:
        """Every time it begins from `first`, which always counts, up to `last`."""
        found: list[datetime] = []
        for number, at in enumerate(self._all(first)):
            is_over = at > last or (self.until is not None and at > self.until)
            if is_over or number >= MOST or (self.count is not None and number >= self.count):
                break
            found.append(at)
        besides = (at for at in self.besides if first <= at <= last)
        return sorted(at for at in {*found, *besides} if at not in self.without)

    def _all(self, first: datetime) -> Iterator[datetime]:
        if self.frequency == "WEEKLY":
            yield from self._weekly(first)
        elif self.frequency == "MONTHLY":
            yield from self._monthly(first)
        else:
            step = (DAY if self.frequency == "DAILY" else timedelta(hours=1)) * self.interval
            at = first
            while True:
                if not self.days or at.weekday() in self.days:
                    yield at
                at += step

    def _weekly(self, first: datetime) -> Iterator[datetime]:
        week, days = first - DAY * first.weekday(), sorted(self.days or (first.weekday(),))
        while True:
            yield from (at for at in (week + DAY * day for day in days) if at >= first)
            week += 7 * DAY * self.interval

    def _monthly(self, first: datetime) -> Iterator[datetime]:
        """On the day of the month that it began on; a month without that day has none."""
        number = first.year * 12 + first.month - 1
        while True:
            year, month = divmod(number, 12)
            if first.day <= calendar.monthrange(year, month + 1)[1]:
                yield first.replace(year=year, month=month + 1)
            number += self.interval


def rule_of(lines: tuple[str, ...], zone: str) -> Rule:
    rules = [line for line in lines if line.startswith("RRULE:")]
    if len(rules) != 1:
        raise WrongRule("A recurrence has exactly one RRULE.")
    parts = dict(part.partition("=")[::2] for part in rules[0].removeprefix("RRULE:").split(";"))
    if parts.get("FREQ") not in FREQUENCIES:
        raise WrongRule(f"FREQ is one of {', '.join(FREQUENCIES)}.")
    return Rule(
        parts["FREQ"],
        int(parts.get("INTERVAL", "1")),
        tuple(DAYS.index(day) for day in parts["BYDAY"].split(",")) if parts.get("BYDAY") else (),
        int(parts["COUNT"]) if "COUNT" in parts else None,
        _time(parts["UNTIL"], zone) if "UNTIL" in parts else None,
        frozenset(_times(lines, "EXDATE", zone)),
        tuple(_times(lines, "RDATE", zone)),
    )


def _times(lines: tuple[str, ...], name: str, zone: str) -> list[datetime]:
    chosen = (line.partition(":")[2] for line in lines if line.startswith(name))
    return [_time(text, zone) for line in chosen for text in line.split(",")]


def _time(text: str, zone: str) -> datetime:
    at = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return wall(at, zone) if text.endswith("Z") else at.replace(tzinfo=None)
