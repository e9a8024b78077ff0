"""Escalation levels: one is covered while any of its targets is. A policy's gap, in which no level has anybody, is another thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from syncd.evidence.coverage import Coverage, Why, covered
from syncd.evidence.facts.policies import Level
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown


def level_coverage(of: str, level: Level, schedules: Mapping[str, Coverage], window: Span) -> Coverage | Unknown:
    """Unknown where a schedule whose coverage is not known might cover what the other targets leave open."""
    people = tuple(Shift(window, one.id) for one in level.targets if not one.is_schedule)
    targets = [_of_schedule(one.id, schedules, window) for one in level.targets if one.is_schedule]
    return _joined(of, people, targets, window)


def policy_coverage(policy: str, levels: Sequence[Coverage | Unknown], window: Span) -> Coverage | Unknown:
    """In its gaps nobody at all would be called: PagerDuty makes no incident then."""
    return _joined(policy, (), levels, window)


def _of_schedule(schedule: str, known: Mapping[str, Coverage], window: Span) -> Coverage | Unknown:
    found = known.get(schedule)
    if found is None or not found.window.has(window):
        return Unknown(schedule, f"the coverage of the schedule {schedule} is not known for all of that time")
    return found


def _joined(
    of: str, people: tuple[Shift, ...], parts: Sequence[Coverage | Unknown], window: Span
) -> Coverage | Unknown:
    known = [one for one in parts if isinstance(one, Coverage)]
    unknown = [one for one in parts if isinstance(one, Unknown)]
    shifts = chain(people, *(one.shifts for one in known))
    within = (Shift(shift.span.cut(window), shift.person) for shift in shifts if not shift.span.cut(window).is_empty)
    found = covered(of, window, within, _reasons(known, window))
    if unknown and found.gaps:
        return Unknown(of, unknown[0].sentence)
    return found


def _reasons(targets: list[Coverage], window: Span) -> Iterator[tuple[Why, tuple[Span, ...]]]:
    """Where all targets have a gap, the first of them says why."""
    for gap in chain.from_iterable(target.gaps for target in targets[:1]):
        yield gap.why, (gap.span,)
    yield Why.NO_TARGETS, (window,)
