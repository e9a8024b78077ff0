"""What became of a check on each of the last days: the worst of the day, and nothing where it was not judged. Missing time is no pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from syncd.evidence.findings.judging import Result

DAYS = 30
#: The worst of a day is what the day is.
_WORST_FIRST = (Result.FAIL, Result.UNKNOWN, Result.ACCEPTED, Result.PASS, Result.NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a check when it was judged."""

    check: str
    at: datetime
    result: Result


@dataclass(frozen=True, slots=True)
class Day:
    date: date  # UTC
    result: Result | None  # None: nobody judged it then


def begin(end: datetime) -> datetime:
    """When the first day of strips begins that end then."""
    last = end.astimezone(UTC).date()
    first = last - timedelta(days=DAYS - 1)
    return datetime(first.year, first.month, first.day, tzinfo=UTC)


def strips(history: Iterable[Told], checks: Iterable[str], end: datetime) -> Mapping[str, tuple[Day, ...]]:
    """Of each check the days up to that of `end`, the oldest first."""
    worst: dict[tuple[str, date], Result] = {}
    for one in history:
        spot = (one.check, one.at.astimezone(UTC).date())
        worst[spot] = min(worst.get(spot, one.result), one.result, key=_WORST_FIRST.index)
    first = begin(end).date()
    days = [first + timedelta(days=at) for at in range(DAYS)]
    return {check: tuple(Day(day, worst.get((check, day))) for day in days) for check in checks}
