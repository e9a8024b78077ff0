"""Who is on call by a layer-based schedule: every instant at which that may change is found, and then it is asked at each.

It is written as simply as can be, since it is the judge of what others compute from the same layers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from syncd.simulator.schedules import Layer, Restriction, Schedule
from syncd.simulator.wall import instant, midnights, on_day, wall

WHOLE_DAY_S = 86_400
WEEK = timedelta(days=8)
Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Shift:
    """Of one person. No end: they never go off call."""

    user_id: str
    start: datetime
    end: datetime | None

    def meets(self, since: datetime, until: datetime) -> bool:
        return self.start < until and (self.end is None or self.end > since)


def turn_start(layer: Layer, zone: str, number: int) -> datetime:
    """Turns of whole days begin at the same time on the wall all year; others are counted in elapsed time."""
    length = timedelta(seconds=layer.turn_s)
    if layer.turn_s % WHOLE_DAY_S:
        return layer.counted_from + number * length
    return instant(wall(layer.counted_from, zone) + number * length, zone)


def turn_at(layer: Layer, zone: str, at: datetime) -> int:
    number = (at - layer.counted_from) // timedelta(seconds=layer.turn_s)
    while turn_start(layer, zone, number) > at:
        number -= 1
    while turn_start(layer, zone, number + 1) <= at:
        number += 1
    return number


def allowed(restriction: Restriction, zone: str, since: datetime, until: datetime) -> Iterator[Interval]:
    """When it lets its layer be on call, for all that reaches into the window."""
    for day in midnights(since, until, zone, WEEK):
        if restriction.weekday in (None, day.isoweekday()):
            begins = on_day(day, restriction.start)
            yield instant(begins, zone), instant(begins + timedelta(seconds=restriction.seconds), zone)


def whose(layer: Layer, zone: str, at: datetime) -> str | None:
    if not layer.users or at < layer.start or (layer.end is not None and at >= layer.end):
        return None
    open_now = (start <= at < end for each in layer.restrictions for start, end in allowed(each, zone, at, at))
    if layer.restrictions and not any(open_now):
        return None
    return layer.users[turn_at(layer, zone, at) % len(layer.users)]


def on_call_at(schedule: Schedule, at: datetime) -> str | None:
    override = overriding_at(schedule, at)
    found = (whose(layer, schedule.zone, at) for layer in schedule.layers)
    return override or next((who for who in found if who is not None), None)


def overriding_at(schedule: Schedule, at: datetime) -> str | None:
    """Of two overrides at one time the later made counts."""
    return next((each.user_id for each in reversed(schedule.overrides) if each.start <= at < each.end), None)


def _edges(layer: Layer, zone: str, since: datetime, until: datetime) -> Iterator[datetime]:
    yield layer.start
    if layer.end is not None:
        yield layer.end
    for restriction in layer.restrictions:
        for start, end in allowed(restriction, zone, since, until):
            yield from (start, end)
    number = turn_at(layer, zone, since)
    while (begins := turn_start(layer, zone, number)) < until:
        yield begins
        number += 1


def _asked(
    edges: Iterator[datetime], since: datetime, until: datetime, who_at: Callable[[datetime], str | None]
) -> list[Shift]:
    """One shift for as long as one person is on call without a break."""
    shifts: list[Shift] = []
    for start, end in pairwise(sorted({since, until, *(at for at in edges if since < at < until)})):
        who = who_at(start)
        if who is None:
            continue
        if shifts and shifts[-1].user_id == who and shifts[-1].end == start:
            shifts[-1] = replace(shifts[-1], end=end)
        else:
            shifts.append(Shift(who, start, end))
    return shifts


def by_layer(schedule: Schedule, layer: Layer, since: datetime, until: datetime) -> list[Shift]:
    """As if there were no other layer and no override."""
    zone = schedule.zone
    return _asked(_edges(layer, zone, since, until), since, until, lambda at: whose(layer, zone, at))


def by_override(schedule: Schedule, since: datetime, until: datetime) -> list[Shift]:
    edges = (at for each in schedule.overrides for at in (each.start, each.end))
    return _asked(edges, since, until, lambda at: overriding_at(schedule, at))


def final(schedule: Schedule, since: datetime, until: datetime) -> list[Shift]:
    """What counts, cut at the window's ends."""
    layered = (at for layer in schedule.layers for at in _edges(layer, schedule.zone, since, until))
    overridden = (at for each in schedule.overrides for at in (each.start, each.end))
    return _asked(iter([*layered, *overridden]), since, until, lambda at: on_call_at(schedule, at))


def whole(schedule: Schedule, since: datetime, until: datetime) -> list[Shift]:
    """What counts in the window, each shift from its own beginning to its own end."""
    longest = max((layer.turn_s for layer in schedule.layers), default=0)
    margin = WEEK + 2 * timedelta(seconds=longest)
    first = min((layer.start for layer in schedule.layers), default=since)
    early, late = since - margin, until + margin
    shifts = [
        replace(
            each,
            start=min(first, early) if each.start == early else each.start,
            end=None if each.end == late else each.end,
        )
        for each in final(schedule, early, late)
    ]
    return [each for each in shifts if each.meets(since, until)]
