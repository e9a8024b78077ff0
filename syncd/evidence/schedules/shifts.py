"""Who is on call when: shifts, their parts within given times, and what one layer or event gives of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from syncd.evidence.spans import Span, Spans


@dataclass(frozen=True, slots=True)
class Shift:
    span: Span
    person: str | None  # a user's id; None is PagerDuty's empty member: a turn that nobody has


@dataclass(frozen=True, slots=True)
class Source:
    """A layer, an event or a custom shift, within a window: whom it puts on call, and when it could have."""

    lives: Span
    is_staffed: bool
    shifts: tuple[Shift, ...]


def parts(shifts: Iterable[Shift], within: Spans) -> Iterator[Shift]:
    """What of the shifts lies within those times."""
    ends = [span.end for span in within]
    for shift in shifts:
        at = bisect_right(ends, shift.span.start)
        while at < len(within) and within[at].start < shift.span.end:
            yield Shift(shift.span.cut(within[at]), shift.person)
            at += 1


def staffed(shifts: Iterable[Shift]) -> Iterator[Span]:
    return (shift.span for shift in shifts if shift.person is not None)
