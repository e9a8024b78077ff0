"""A layer of a v2 schedule: people who take turns, at all times or at some. And the overrides that go before all layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from syncd.evidence.schedules.shifts import Shift, Source, parts
from syncd.evidence.spans import FOREVER, Span, Spans, common, minus, union
from syncd.evidence.wall import instant, wall

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Restriction:
    """From a time of the day on, for so long, both as the clock on the wall shows it."""

    start: time
    lasts: timedelta
    weekday: int | None = None  # 1 is Monday; None: every day


@dataclass(frozen=True, slots=True)
class Layer:
    id: str
    name: str
    start: datetime
    end: datetime | None
    counts_from: datetime  # rotation_virtual_start: here the first of the users took over
    turn: timedelta
    users: tuple[str, ...]
    restrictions: tuple[Restriction, ...]  # none: at all times


@dataclass(frozen=True, slots=True)
class Layers:
    """All that a v2 schedule says."""

    layers: tuple[Layer, ...]  # as the API lists them: the one that goes before all others first
    overrides: tuple[Shift, ...]  # as the API lists them: the last is taken for the latest


def sources(content: Layers, zone: ZoneInfo, window: Span) -> list[Source]:
    return [_source(layer, zone, window) for layer in content.layers]


def on_call(content: Layers, of_layers: list[Source], window: Span) -> Iterator[Shift]:
    """One person at a time: overrides go before layers, and a layer before those behind it."""
    free: Spans = (window,)
    stack: list[Iterable[Shift]] = [(one,) for one in reversed(content.overrides)]
    for shifts in [*stack, *(source.shifts for source in of_layers)]:
        seen = list(parts(shifts, free))
        yield from seen
        free = minus(free, [shift.span for shift in seen])


def _source(layer: Layer, zone: ZoneInfo, window: Span) -> Source:
    lives = Span(layer.start, layer.end or FOREVER)
    within = common([lives], [window])
    if not layer.users or not within:
        return Source(lives, bool(layer.users), ())
    if layer.restrictions:
        within = common(within, union(_allowed(layer.restrictions, zone, window)))
    return Source(lives, True, tuple(parts(_turns(layer, zone, window), within)))


def _turns(layer: Layer, zone: ZoneInfo, window: Span) -> Iterator[Shift]:
    number = _first(layer, zone, window.start)
    start = _handoff(layer, zone, number)
    while start < window.end:
        end = _handoff(layer, zone, number + 1)
        yield Shift(Span(start, end), layer.users[number % len(layer.users)])
        start, number = end, number + 1


def _first(layer: Layer, zone: ZoneInfo, moment: datetime) -> int:
    """A turn that has begun by then; one early, since the clock may have been changed in between."""
    if layer.turn % _DAY:
        return (moment - layer.counts_from) // layer.turn
    return (wall(moment, zone) - wall(layer.counts_from, zone)) // layer.turn - 1


def _handoff(layer: Layer, zone: ZoneInfo, number: int) -> datetime:
    """Turns of whole days change hands at the same time of the day, shorter and odd ones after so many hours."""
    if layer.turn % _DAY:
        return layer.counts_from + number * layer.turn
    return instant(wall(layer.counts_from, zone) + number * layer.turn, zone)


def _allowed(restrictions: tuple[Restriction, ...], zone: ZoneInfo, window: Span) -> Iterator[Span]:
    last = wall(window.end, zone).date() + _DAY
    for restriction in restrictions:
        day = wall(window.start, zone).date() - restriction.lasts - 2 * _DAY
        while day <= last:
            if restriction.weekday in {None, day.isoweekday()}:
                start = datetime.combine(day, restriction.start)
                yield Span(instant(start, zone), instant(start + restriction.lasts, zone))
            day += _DAY
