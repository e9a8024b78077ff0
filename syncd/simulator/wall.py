"""Times on the wall of a zone, and the instants they stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@cache
def zone_of(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def wall(at: datetime, zone: str) -> datetime:
    """Without a zone: what the clock on the wall shows."""
    return at.astimezone(zone_of(zone)).replace(tzinfo=None)


def instant(shown: datetime, zone: str) -> datetime:
    """A time that the clock shows twice is its first; one that it leaps over is as far behind the leap."""
    return shown.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def midnights(since: datetime, until: datetime, zone: str, before: timedelta) -> list[date]:
    """Every day of the zone from so long before the window up to its end."""
    first, last = wall(since - before, zone).date(), wall(until, zone).date()
    return [first + DAY * count for count in range((last - first).days + 1)]


def on_day(day: date, at: time) -> datetime:
    return datetime.combine(day, at)
