"""Where three voices disagree on who is on call: our computation, the schedule as PagerDuty renders it, and /oncalls.

None of them is made to agree: a difference says when, whom we see and whom they name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from syncd.evidence.coverage import Coverage, not_asked
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown


class Voice(StrEnum):
    RENDERED = "rendered"
    ONCALLS = "oncalls"


@dataclass(frozen=True, slots=True)
class Difference:
    of: str  # as in Coverage
    span: Span
    computed: frozenset[str]
    said: frozenset[str]
    by: Voice

    @property
    def sentence(self) -> str:
        return (
            f"From {self.span.start:%Y-%m-%d %H:%M} to {self.span.end:%Y-%m-%d %H:%M} UTC {_names(self.computed)} "
            f"should be on call for {self.of}, and by {_SAYS[self.by]} it is {_names(self.said)}."
        )


_SAYS = {Voice.RENDERED: "the schedule that PagerDuty renders", Voice.ONCALLS: "PagerDuty's /oncalls"}

Differences = tuple[Difference, ...]


def against_rendered(schedule: Schedule, computed: Coverage) -> Differences | Unknown:
    if schedule.rendered is None:
        return Unknown(schedule.id, f"PagerDuty was not asked for the rendered schedule of {schedule.id}.")
    if not schedule.asked.has(computed.window):
        return Unknown(schedule.id, not_asked(schedule, computed.window))
    return tuple(differences(computed, schedule.rendered, computed.window, Voice.RENDERED))


def against_oncalls(computed: Coverage, said: Iterable[Shift], asked: Iterable[Span]) -> Differences:
    """What /oncalls says of the same schedule or level, within the times that it was asked for."""
    named = tuple(said)
    within = (computed.window.cut(one) for one in asked)
    return tuple(
        one for window in within if not window.is_empty for one in differences(computed, named, window, Voice.ONCALLS)
    )


def differences(computed: Coverage, said: Iterable[Shift], window: Span, by: Voice) -> Iterator[Difference]:
    """When the people whom we see and those whom a voice names are not the same."""
    last: Difference | None = None
    for span, ours, theirs in _moments(computed.shifts, tuple(said), window):
        if last is not None and (last.span.end, last.computed, last.said) == (span.start, ours, theirs):
            last = Difference(last.of, Span(last.span.start, span.end), ours, theirs, by)
            continue
        if last is not None:
            yield last
        last = None if ours == theirs else Difference(computed.of, span, ours, theirs, by)
    if last is not None:
        yield last


def _moments(
    ours: Iterable[Shift], theirs: Iterable[Shift], window: Span
) -> Iterator[tuple[Span, frozenset[str], frozenset[str]]]:
    """The window cut wherever somebody of either voice comes or goes."""
    changes: dict[datetime, Counter[tuple[bool, str]]] = {window.start: Counter(), window.end: Counter()}
    for is_ours, shifts in ((True, ours), (False, theirs)):
        for shift in shifts:
            span = shift.span.cut(window)
            if shift.person is not None and not span.is_empty:
                changes.setdefault(span.start, Counter())[is_ours, shift.person] += 1
                changes.setdefault(span.end, Counter())[is_ours, shift.person] -= 1
    there: Counter[tuple[bool, str]] = Counter()
    for start, end in pairwise(sorted(changes)):
        there.update(changes[start])
        people = [who for who, times in there.items() if times]
        yield (
            Span(start, end),
            frozenset(person for is_ours, person in people if is_ours),
            frozenset(person for is_ours, person in people if not is_ours),
        )


def _names(people: frozenset[str]) -> str:
    return " and ".join(sorted(people)) or "nobody"
