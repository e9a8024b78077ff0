"""Times as half-open spans, and what can be done with many of them: joined, cut out, taken away. They know nothing of schedules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

# Where something has no beginning or no end: to be compared with, and never to be counted with.
ALWAYS = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open, aware UTC: its end is the first moment that is not of it."""

    start: datetime
    end: datetime

    @property
    def is_empty(self) -> bool:
        return self.end <= self.start

    def has(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def cut(self, other: Span) -> Span:
        """What both have; empty where they have nothing."""
        return Span(max(self.start, other.start), min(self.end, other.end))


Spans = tuple[Span, ...]  # disjoint, in order, never empty ones, and no two that touch


def union(spans: Iterable[Span]) -> Spans:
    joined: list[Span] = []
    for span in sorted(one for one in spans if not one.is_empty):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return tuple(joined)


def gaps(covered: Iterable[Span], within: Span) -> Spans:
    """What nothing covers of a window."""
    return minus((within,), covered)


def common(one: Iterable[Span], other: Iterable[Span]) -> Spans:
    left, right = union(one), union(other)
    both: list[Span] = []
    at_left = at_right = 0
    while at_left < len(left) and at_right < len(right):
        shared = left[at_left].cut(right[at_right])
        if not shared.is_empty:
            both.append(shared)
        if left[at_left].end < right[at_right].end:
            at_left += 1
        else:
            at_right += 1
    return tuple(both)


def minus(one: Iterable[Span], other: Iterable[Span]) -> Spans:
    taken = union(other)
    rest: list[Span] = []
    at = 0
    for span in union(one):
        start = span.start
        while at < len(taken) and taken[at].end <= start:
            at += 1
        ahead = at  # The last one that is taken may reach into the next span.
        while ahead < len(taken) and taken[ahead].start < span.end:
            if start < taken[ahead].start:
                rest.append(Span(start, taken[ahead].start))
            start = max(start, taken[ahead].end)
            ahead += 1
        if start < span.end:
            rest.append(Span(start, span.end))
    return tuple(rest)
