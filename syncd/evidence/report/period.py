"""Which time a report is about, as people type it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from syncd.errors import Misconfigured
from syncd.evidence.spans import Span

TAKES = "7d, 30d, quarter (the one under way), last-quarter, 2026-Q3, 2026-09, or 2026-07-01..2026-09-30 (both days included)"
_DAYS = re.compile(r"([1-9]\d{0,2})d", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-q([1-4])", re.ASCII | re.IGNORECASE)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def period_of(words: str, now: datetime) -> Span:
    """Never ends later than now: what is still to come has not been."""
    try:
        found = _read(words.strip().lower(), now)
    except (ValueError, OverflowError) as error:
        raise _wrong(words) from error
    if found.is_empty:
        raise Misconfigured(f"--period {words} ends before it begins; write the earlier day first.")
    if found.start >= now:
        raise Misconfigured(f"--period {words} has not begun yet; name a time that has.")
    return Span(found.start, min(found.end, now))


def end_of(words: str) -> datetime:
    """The end of a day, or a moment: until then something holds."""
    try:
        return _moment(words.strip(), is_end=True)
    except (ValueError, OverflowError) as error:
        raise Misconfigured(
            f"--until {words} is no time; give a day like 2026-12-31, or a moment like 2026-12-31T12:00Z."
        ) from error


def _wrong(words: str) -> Misconfigured:
    return Misconfigured(f"--period {words} is no time; it takes {TAKES}.")


def _read(words: str, now: datetime) -> Span:
    if days := _DAYS.fullmatch(words):
        return Span(now - timedelta(days=int(days[1])), now)
    year, number = now.astimezone(UTC).year, (now.astimezone(UTC).month - 1) // 3 + 1
    if words == "quarter":
        return _quarter(year, number)
    if words == "last-quarter":
        return _quarter(year, number - 1) if number > 1 else _quarter(year - 1, 4)
    if quarter := _QUARTER.fullmatch(words):
        return _quarter(int(quarter[1]), int(quarter[2]))
    if month := _MONTH.fullmatch(words):
        return Span(_month(int(month[1]), int(month[2])), _month(int(month[1]), int(month[2]) + 1))
    start, dots, end = words.partition("..")
    if not dots:
        raise _wrong(words)
    return Span(_moment(start), _moment(end, is_end=True))


def _quarter(year: int, number: int) -> Span:
    return Span(_month(year, number * 3 - 2), _month(year, number * 3 + 1))


def _month(year: int, month: int) -> datetime:
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def _moment(text: str, *, is_end: bool = False) -> datetime:
    """A day that ends a time is all in it."""
    if _DAY.fullmatch(text):
        day = date.fromisoformat(text) + timedelta(days=int(is_end))
        return datetime(day.year, day.month, day.day, tzinfo=UTC)
    at = datetime.fromisoformat(text.upper())
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)
