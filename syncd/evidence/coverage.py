"""When nobody is on call, to the minute, and why: computed from what a schedule says, for any window it was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from syncd.evidence.schedules import layers, rotations
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.schedules.shifts import Shift, Source, staffed
from syncd.evidence.spans import ALWAYS, FOREVER, Span, Spans, common, gaps, minus, union
from syncd.evidence.unknown import Unknown


class Why(StrEnum):
    NO_LAYERS = "no_layers"  # nothing in the schedule could put anybody on call
    EMPTY_MEMBER = "empty_member"  # a turn that is kept empty on purpose (v3)
    RESTRICTED = "restricted"  # a layer is there and restricted to other times, or an event is between its shifts
    NO_USERS = "no_users"  # a layer without people
    ENDED = "ended"
    NOT_BEGUN = "not_begun"
    BETWEEN_LAYERS = "between_layers"  # one has ended and the next not yet begun
    NO_TARGETS = "no_targets"  # a level that names nobody, or a policy without levels


@dataclass(frozen=True, slots=True)
class Gap:
    span: Span
    why: Why


@dataclass(frozen=True, slots=True)
class Coverage:
    of: str  # a schedule's id, "POLICY/1" for a level of a policy, or a policy's id
    window: Span
    gaps: tuple[Gap, ...]  # in order; two that touch differ in their why
    people: frozenset[str]  # user ids on call in the window
    shifts: tuple[Shift, ...] = ()  # who is on call when; empty members are left out

    @property
    def uncovered(self) -> Spans:
        """The gaps as whole as people see them, whatever their reasons."""
        return union(gap.span for gap in self.gaps)


def coverage(schedule: Schedule, window: Span) -> Coverage | Unknown:
    """What the schedule's own words come to."""
    if not schedule.asked.has(window):
        return Unknown(schedule.id, not_asked(schedule, window))
    if isinstance(schedule.content, layers.Layers):
        found = layers.sources(schedule.content, schedule.zone, window)
        shifts = tuple(layers.on_call(schedule.content, found, window))
    else:
        found = rotations.sources(schedule.content, window)
        shifts = tuple(chain.from_iterable(source.shifts for source in found))
    return covered(schedule.id, window, shifts, _reasons(found, window))


def covered(of: str, window: Span, shifts: Iterable[Shift], reasons: Iterable[tuple[Why, Iterable[Span]]]) -> Coverage:
    """Reasons are tried in order; the last of them has to hold at all times."""
    on_call = sorted((one for one in shifts if one.person is not None), key=lambda one: (one.span, one.person or ""))
    missing = gaps(staffed(on_call), window)
    people = frozenset(one.person for one in on_call if one.person is not None)
    return Coverage(of, window, tuple(_told(missing, reasons)), people, tuple(on_call))


def not_asked(schedule: Schedule, window: Span) -> str:
    return (
        f"The overrides of {schedule.id} are known from {schedule.asked.start:%Y-%m-%d %H:%M} to "
        f"{schedule.asked.end:%Y-%m-%d %H:%M} UTC and not for all of {window.start:%Y-%m-%d %H:%M} to "
        f"{window.end:%Y-%m-%d %H:%M}: collect that time first."
    )


def _told(missing: Spans, reasons: Iterable[tuple[Why, Iterable[Span]]]) -> list[Gap]:
    told: list[Gap] = []
    for why, spans in reasons:
        held = union(spans)
        told += [Gap(span, why) for span in common(missing, held)]
        missing = minus(missing, held)
    return sorted(told, key=lambda gap: gap.span)


def _reasons(sources: list[Source], window: Span) -> Iterator[tuple[Why, Iterable[Span]]]:
    if not sources:
        yield Why.NO_LAYERS, (window,)
        return
    shifts = chain.from_iterable(source.shifts for source in sources)
    yield Why.EMPTY_MEMBER, (shift.span for shift in shifts if shift.person is None)
    yield Why.RESTRICTED, (source.lives for source in sources if source.is_staffed)
    yield Why.NO_USERS, (source.lives for source in sources)
    yield Why.ENDED, (Span(max(source.lives.end for source in sources), FOREVER),)
    yield Why.NOT_BEGUN, (Span(ALWAYS, min(source.lives.start for source in sources)),)
    yield Why.BETWEEN_LAYERS, (window,)
