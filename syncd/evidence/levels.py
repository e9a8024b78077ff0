"""Escalation levels: one is covered while any of its targets is. A policy's gap, in which no level has anybody, is another thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from syncd.evidence.coverage import Coverage, Why, covered
from syncd.evidence.schedules.json_path import At, Wrong
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown

_USERS = ("user", "user_reference")
_SCHEDULES = ("schedule", "schedule_reference", "schedule_v3", "schedule_v3_reference")


@dataclass(frozen=True, slots=True)
class Level:
    policy: str
    number: int  # from 1
    users: tuple[str, ...]
    schedules: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.policy}/{self.number}"


def read_levels(body: object) -> tuple[Level, ...] | Unknown:
    """The levels of one escalation policy."""
    at = At(body, "escalation_policy")
    try:
        policy = at.get("id").text()
        return tuple(_level(policy, number, rule) for number, rule in enumerate(at.get("escalation_rules").items(), 1))
    except Wrong as wrong:
        found = body.get("id") if isinstance(body, dict) else None
        of = found if isinstance(found, str) else ""
        return Unknown(of, f"The escalation policy {of or 'without an id'} cannot be read: {wrong}.", wrong.path)


def level_coverage(level: Level, schedules: Mapping[str, Coverage | Unknown], window: Span) -> Coverage | Unknown:
    """Unknown where a schedule that could not be computed might cover what the other targets leave open."""
    people = tuple(Shift(window, user) for user in level.users)
    targets = [_of_schedule(one, schedules, window) for one in level.schedules]
    return _joined(level.name, people, targets, window)


def policy_coverage(policy: str, levels: Sequence[Coverage | Unknown], window: Span) -> Coverage | Unknown:
    """In its gaps nobody at all would be called: PagerDuty makes no incident then."""
    return _joined(policy, (), levels, window)


def _level(policy: str, number: int, at: At) -> Level:
    targets = [
        (one.get("type").one_of(*_USERS, *_SCHEDULES), one.get("id").text()) for one in at.get("targets").items()
    ]
    return Level(
        policy,
        number,
        tuple(target for kind, target in targets if kind in _USERS),
        tuple(target for kind, target in targets if kind in _SCHEDULES),
    )


def _of_schedule(schedule: str, known: Mapping[str, Coverage | Unknown], window: Span) -> Coverage | Unknown:
    found = known.get(schedule)
    if found is None:
        return Unknown(schedule, f"The schedule {schedule} was not collected.")
    if isinstance(found, Coverage) and not found.window.has(window):
        return Unknown(schedule, f"The coverage of {schedule} was computed for another time.")
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
        return Unknown(of, f"Whether {of} is covered cannot be told: {unknown[0].sentence}", unknown[0].path)
    return found


def _reasons(targets: list[Coverage], window: Span) -> Iterator[tuple[Why, tuple[Span, ...]]]:
    """Where all targets have a gap, the first of them says why."""
    for gap in chain.from_iterable(target.gaps for target in targets[:1]):
        yield gap.why, (gap.span,)
    yield Why.NO_TARGETS, (window,)
