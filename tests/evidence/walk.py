"""The clock on the wall, walked minute by minute: which minute shows what, first. It never asks when a clock shows something."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = EPOCH.replace(tzinfo=None)
NEVER = 10**12


def minute_of(moment: datetime) -> int:
    """Minutes since 2000 in UTC; nothing in these tests lies between two minutes."""
    minutes, rest = divmod(moment - EPOCH, MINUTE)
    assert not rest, moment
    return minutes


def moment_of(minute: int) -> datetime:
    return EPOCH + minute * MINUTE


def shown_minute(shown: datetime) -> int:
    return (shown - _NAIVE_EPOCH) // MINUTE


def offset(zone: ZoneInfo, minute: int) -> int:
    """How many minutes the clock is ahead of UTC then."""
    found = moment_of(minute).astimezone(zone).utcoffset()
    assert found is not None
    return found // MINUTE


class Walk:
    """Every minute from one to another: what the clock shows in it, and for all it shows the first minute that does."""

    def __init__(self, zone: ZoneInfo, start: int, end: int) -> None:
        while offset(zone, start - 1440) != offset(zone, start + 1440):
            start -= 1440  # Setting out is done on an ordinary day.
        self.zone, self.start, self.end = zone, start, end
        self.shows = [minute + offset(zone, minute) for minute in range(start, end)]
        self.first: dict[int, int] = {}
        for minute, shown in enumerate(self.shows, start):
            self.first.setdefault(shown, minute)
        self.latest = max(self.shows)

    def reaches(self, shown: int) -> int:
        """The first minute that shows it; what the clock skips comes as many minutes after the skip as it would have."""
        if shown > self.latest:
            return NEVER
        before = shown
        while before not in self.first:
            before -= 1
            assert before >= self.shows[0], "further back than was walked"
        return self.first[before] + shown - before

    def days(self) -> range:
        """Local midnights, as the clock shows them."""
        return range(self.shows[0] - self.shows[0] % 1440 + 1440, self.latest + 1440, 1440)


@cache
def changes(name: str, first_year: int = 2022, last_year: int = 2031) -> tuple[int, ...]:
    """The minutes at which that zone's clock is changed."""
    zone = ZoneInfo(name)
    start, end = (minute_of(datetime(year, 1, 1, tzinfo=UTC)) for year in (first_year, last_year))
    weeks = range(start, end, 7 * 1440)
    return tuple(_change(zone, week) for week in weeks if offset(zone, week) != offset(zone, week + 7 * 1440))


def _change(zone: ZoneInfo, week: int) -> int:
    """The first minute of that week that has another offset than the week began with."""
    return bisect_right(range(7 * 1440), 0, key=lambda some: offset(zone, week + some) != offset(zone, week)) + week
