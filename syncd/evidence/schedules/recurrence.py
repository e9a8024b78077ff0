"""A recurrence rule (RFC 5545) as far as schedules use it, and the times it gives. All of it on the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

_DAY = timedelta(days=1)


class Every(StrEnum):
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"


@dataclass(frozen=True, slots=True)
class Recurrence:
    every: Every
    interval: int = 1
    count: int | None = None
    until: datetime | None = None  # the last moment at which one may start
    weekdays: tuple[tuple[int, int], ...] = ()  # (which of its month, 0 for each; weekday, 0 is Monday)
    month_days: tuple[int, ...] = ()  # from 1, or from -1 backwards
    week_start: int = 0
    added: tuple[datetime, ...] = ()
    removed: tuple[datetime, ...] = ()
    removed_days: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Occurrences:
    starts: tuple[datetime, ...]  # all from the first on, since a turn is counted from there
    are_over: bool  # none will come after these


def occurrences(rule: Recurrence, first: datetime, before: datetime) -> Occurrences:
    starts: list[datetime] = []
    are_over = False
    for start in _candidates(rule, first):
        are_over = len(starts) == rule.count or (rule.until is not None and start > rule.until)
        if are_over or start >= before:
            break
        starts.append(start)
    wanted = {*starts, *(one for one in rule.added if one < before)}
    are_over = are_over and all(one < before for one in rule.added)
    kept = (one for one in wanted if one not in rule.removed and one.date() not in rule.removed_days)
    return Occurrences(tuple(sorted(kept)), are_over)


def _candidates(rule: Recurrence, first: datetime) -> Iterator[datetime]:
    """Endless, but for a rule that no day ever meets: there it stops with the calendar."""
    match rule.every:
        case Every.HOURLY:
            return (one for one in _steps(first, timedelta(hours=rule.interval)) if _fits(rule, one))
        case Every.DAILY:
            return (one for one in _steps(first, rule.interval * _DAY) if _fits(rule, one))
        case Every.WEEKLY:
            return (one for one in _of_weeks(rule, first) if one >= first and _fits(rule, one))
        case Every.MONTHLY:
            return (one for one in _of_months(rule, first) if one >= first)


def _steps(first: datetime, step: timedelta) -> Iterator[datetime]:
    while first.year < _LAST_YEAR:
        yield first
        first += step


_LAST_YEAR = 2200


def _fits(rule: Recurrence, one: datetime) -> bool:
    on_weekday = not rule.weekdays or one.weekday() in {weekday for _, weekday in rule.weekdays}
    return on_weekday and (not rule.month_days or one.day in _days_meant(rule, one.year, one.month))


def _of_weeks(rule: Recurrence, first: datetime) -> Iterator[datetime]:
    wanted = {weekday for _, weekday in rule.weekdays} or {first.weekday()}
    week = first - (first.weekday() - rule.week_start) % 7 * _DAY
    for monday in _steps(week, 7 * rule.interval * _DAY):
        yield from (day for day in (monday + n * _DAY for n in range(7)) if day.weekday() in wanted)


def _of_months(rule: Recurrence, first: datetime) -> Iterator[datetime]:
    number = first.year * 12 + first.month - 1
    while (year := number // 12) < _LAST_YEAR:
        month = number % 12 + 1
        yield from (first.replace(year=year, month=month, day=day) for day in _days(rule, first, year, month))
        number += rule.interval


def _days(rule: Recurrence, first: datetime, year: int, month: int) -> list[int]:
    days = set(range(1, _length(year, month) + 1))
    if rule.month_days:
        days &= _days_meant(rule, year, month)
    if rule.weekdays:
        days &= {day for which, weekday in rule.weekdays for day in _weekdays(year, month, which, weekday)}
    if not rule.month_days and not rule.weekdays:
        days &= {first.day}
    return sorted(days)


def _days_meant(rule: Recurrence, year: int, month: int) -> set[int]:
    return {day if day > 0 else _length(year, month) + 1 + day for day in rule.month_days}


def _weekdays(year: int, month: int, which: int, weekday: int) -> list[int]:
    all_of_them = [day for day in range(1, _length(year, month) + 1) if date(year, month, day).weekday() == weekday]
    if which == 0:
        return all_of_them
    at = which - 1 if which > 0 else which
    return [all_of_them[at]] if -len(all_of_them) <= at < len(all_of_them) else []


def _length(year: int, month: int) -> int:
    return (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days
