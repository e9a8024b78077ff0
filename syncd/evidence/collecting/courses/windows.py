"""Lists of what happened in a time: one that is longer than PagerDuty lists is asked for in shorter times, which share their edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.spans import Span

from .paging import MOVED, REACH, Kind, Listed, Row, asked, listed
from .request import Course, Page, Request

LONGEST = timedelta(days=180)  # PagerDuty takes half a year at most
_FULL = REACH * 4 // 5  # what a part should hold, since they are never alike
_SECOND = timedelta(seconds=1)
_MOST = 10_000  # parts; a far side that calls each of them too long never comes to an end


def told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def whole_second(at: datetime) -> datetime:
    """The next one: whatever was there by then is asked for."""
    return at if not at.microsecond else at.replace(microsecond=0) + _SECOND


def of_time(kind: Kind[Row], span: Span) -> Kind[Row]:
    request = kind.request.besides(since=told(span.start), until=told(span.end))
    return replace(kind, request=request, is_of_a_time=span.end - span.start > _SECOND)


def within(kind: Kind[Row], span: Span, first: Page | None = None) -> Course[Listed[Row]]:
    """Everything of that time. `first`: the first page of it, where somebody has asked for that already."""
    every = Listed[Row]()
    waiting = [(part, first if part == span else None) for part in chunks(span, LONGEST)]
    for _ in range(_MOST):
        if not waiting:
            break
        part, page = waiting.pop(0)
        found = yield from listed(of_time(kind, part), page)
        if found.is_beyond and part.end - part.start > _SECOND:
            waiting[:0] = [(one, None) for one in _split(part, found.total or 2 * REACH)]
            continue
        every.rows |= found.rows
        every.unread |= found.unread
        every.is_beyond = every.is_beyond or found.is_beyond
        if found.refused:
            every.refused = found.refused
            return every
    if waiting:
        every.refused = Missing(Lack.FAILED, needs=MOVED)
    return every


def first_page(kind: Kind[Row], span: Span) -> Request:
    return asked(of_time(kind, span), 0)


def chunks(span: Span, longest: timedelta) -> Iterator[Span]:
    start = span.start
    while span.end - start > longest:
        yield Span(start, start + longest)
        start += longest
    yield Span(start, span.end)


def _split(span: Span, total: int) -> list[Span]:
    seconds = int((span.end - span.start).total_seconds())
    parts = min(max(2, -(-total // _FULL)), seconds)
    edges = [span.start + timedelta(seconds=seconds * number // parts) for number in range(parts)]
    return [Span(a, b) for a, b in zip(edges, [*edges[1:], span.end], strict=True)]
