"""The content of a v3 schedule: rotations of events that recur, custom shifts beside them, and overrides of either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from syncd.evidence.schedules.recurrence import Recurrence, occurrences
from syncd.evidence.schedules.shifts import Shift, Source, parts
from syncd.evidence.spans import FOREVER, Span, common, minus
from syncd.evidence.wall import instant, wall


@dataclass(frozen=True, slots=True)
class Event:
    id: str
    start: datetime  # on the wall of its zone
    zone: ZoneInfo
    end: datetime  # on the wall of the zone of its end
    end_zone: ZoneInfo
    since: datetime
    until: datetime | None
    recurrence: Recurrence
    members: tuple[str | None, ...]  # None is an empty member
    shifts_each: int | None  # so many in a row are one member's; None: every member has every shift


@dataclass(frozen=True, slots=True)
class Rotation:
    id: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class CustomShift:
    id: str
    shift: Shift


@dataclass(frozen=True, slots=True)
class Replacement:
    """An override of v3: of one rotation, or of one custom shift, a member gives way to another, or to nobody."""

    of: str  # the id of either
    span: Span
    member: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Rotations:
    """All that a v3 schedule says."""

    rotations: tuple[Rotation, ...]
    custom_shifts: tuple[CustomShift, ...]
    replacements: tuple[Replacement, ...]


def sources(content: Rotations, window: Span) -> list[Source]:
    """Each event and each custom shift; what was replaced is replaced."""
    found = [source for rotation in content.rotations for source in _of_rotation(rotation, content, window)]
    for custom in content.custom_shifts:
        shifts = _replaced(content, custom.id, parts([custom.shift], (window,)))
        found.append(Source(custom.shift.span, True, shifts))
    return found


def _of_rotation(rotation: Rotation, content: Rotations, window: Span) -> Iterator[Source]:
    for event in rotation.events:
        source = _source(event, window)
        yield replace(source, shifts=_replaced(content, rotation.id, source.shifts))


def _replaced(content: Rotations, of: str, shifts: Iterable[Shift]) -> tuple[Shift, ...]:
    for one in content.replacements:
        if one.of == of:
            shifts = [part for shift in shifts for part in _with(one, shift)]
    return tuple(shifts)


def _with(replacement: Replacement, shift: Shift) -> Iterator[Shift]:
    if shift.person != replacement.member:
        yield shift
        return
    yield from (Shift(span, replacement.by) for span in common([shift.span], [replacement.span]))
    yield from (Shift(span, shift.person) for span in minus([shift.span], [replacement.span]))


def _source(event: Event, window: Span) -> Source:
    # A shift may begin a day before the window's clock has come so far, and its end is in another zone.
    given = occurrences(event.recurrence, event.start, wall(window.end, event.zone) + timedelta(days=1))
    end = event.until or FOREVER
    if given.are_over:
        end = min(end, max((_span(event, start).end for start in given.starts[-1:]), default=event.since))
    lives = Span(max(event.since, instant(event.start, event.zone)), end)
    return Source(lives, True, tuple(parts(_shifts(event, given.starts, window), common([lives], [window]))))


def _shifts(event: Event, starts: tuple[datetime, ...], window: Span) -> Iterator[Shift]:
    for number, start in enumerate(starts):
        span = _span(event, start)
        if span.is_empty or span.end <= window.start or span.start >= window.end:
            continue
        for member in _members(event, number):
            yield Shift(span, member)


def _span(event: Event, start: datetime) -> Span:
    return Span(instant(start, event.zone), instant(event.end + (start - event.start), event.end_zone))


def _members(event: Event, number: int) -> tuple[str | None, ...]:
    if event.shifts_each is None:
        return event.members
    return (event.members[number // event.shifts_each % len(event.members)],)
