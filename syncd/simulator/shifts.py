"""Who is on call by a shift-based schedule (v3): every shift of every event, then what overrides make of it.

Several people may be on call at once, and a shift may be nobody's on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from syncd.simulator.recurrence import rule_of
from syncd.simulator.schedules import CustomShift, Member, Rotation, ShiftEvent, ShiftOverride, ShiftSchedule
from syncd.simulator.wall import instant, wall


@dataclass(frozen=True, slots=True)
class Assignment:
    member: Member
    start: datetime
    end: datetime
    source: str  # the rotation or custom shift that it comes of
    is_custom: bool = False
    override: str = ""  # by which this member has it

    def meets(self, since: datetime, until: datetime) -> bool:
        return self.start < until and self.end > since


def assigned(schedule: ShiftSchedule, since: datetime, until: datetime) -> list[Assignment]:
    """All that reach into the window, each from its own beginning to its own end, in order of time."""
    found = [
        *(each for rotation in schedule.rotations for each in _of_rotation(rotation, until)),
        *(_of_custom(each) for each in schedule.custom_shifts),
    ]
    for override in schedule.overrides:
        found = [piece for each in found for piece in _overridden(each, override)]
    met = [each for each in found if each.meets(since, until)]
    return sorted(met, key=lambda each: (each.start, each.end, each.source, each.member or ""))


def cut(found: list[Assignment], since: datetime, until: datetime) -> list[Assignment]:
    return [replace(each, start=max(each.start, since), end=min(each.end, until)) for each in found]


def covered_s(found: list[Assignment]) -> float:
    """For how long there is somebody; two at once count once."""
    total, reached = timedelta(), None
    for each in sorted((one for one in found if one.member is not None), key=lambda one: one.start):
        begins = each.start if reached is None else max(each.start, reached)
        total += max(timedelta(), each.end - begins)
        reached = each.end if reached is None else max(reached, each.end)
    return total.total_seconds()


def _of_rotation(rotation: Rotation, until: datetime) -> Iterator[Assignment]:
    for event in rotation.events:
        for number, start, end in occurrences(event, until):
            for member in whose(event, number):
                yield Assignment(member, start, end, rotation.id)


def occurrences(event: ShiftEvent, until: datetime) -> Iterator[tuple[int, datetime, datetime]]:
    """Numbered from the event's first, whether or not it is in force by then. Its end is a time on the wall too."""
    first, length = wall(event.start, event.zone), wall(event.end, event.zone) - wall(event.start, event.zone)
    starts = rule_of(event.recurrence, event.zone).starts(first, wall(until, event.zone))
    for number, at in enumerate(starts):
        start, end = max(instant(at, event.zone), event.since), instant(at + length, event.zone)
        if event.until is not None:
            end = min(end, event.until)
        if start < end:
            yield number, start, end


def whose(event: ShiftEvent, number: int) -> tuple[Member, ...]:
    if event.everybody:
        return event.members
    return (event.members[number // event.shifts_each % len(event.members)],)


def _of_custom(shift: CustomShift) -> Assignment:
    return Assignment(shift.member, shift.start, shift.end, shift.id, is_custom=True)


def _overridden(each: Assignment, override: ShiftOverride) -> Iterator[Assignment]:
    """Before it, in it and after it."""
    is_meant = (each.source, each.member) == (override.of, override.overridden)
    if not is_meant or not each.meets(override.start, override.end):
        yield each
        return
    start, end = max(each.start, override.start), min(each.end, override.end)
    if each.start < start:
        yield replace(each, end=start)
    yield replace(each, member=override.overriding, start=start, end=end, override=override.id)
    if end < each.end:
        yield replace(each, start=end)
