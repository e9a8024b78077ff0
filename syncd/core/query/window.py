"""The time that a query is about. Counting is over a week where it names none: nobody means all that was ever done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .measures import moment_of
from .terms import Query, Span, Term

WEEK = timedelta(days=7)
_USUAL = Query((Term("age", (Span(None, int(WEEK.total_seconds()) * 1000),)),))
_NAMES_SOME = ("at", "age", "id")
_MOST_STEPS = 60
#: Seconds; what people count in.
STEPS: Sequence[int] = (
    *(60 * minutes for minutes in (1, 2, 5, 10, 15, 30)),
    *(3600 * hours for hours in (1, 2, 3, 6, 12)),
    *(86_400 * days for days in (1, 2, 7, 30, 90, 365)),
)


def bounded(query: Query) -> Query:
    return query if any(query.names(name) for name in _NAMES_SOME) else query & _USUAL


def bounds(query: Query, now: datetime) -> tuple[datetime | None, datetime]:
    """From when to when it can find anything; None: from the first there is."""
    start, end = None, now
    for term in query.terms:
        if term.is_negated or term.field not in {"at", "age"}:
            continue
        spans = [span for value in term.values if isinstance(value, Span) for span in [_period(term.field, value, now)]]
        lows, highs = [low for low, _ in spans], [high for _, high in spans]
        if None not in lows:
            start = max([min(low for low in lows if low), *([start] if start else [])])
        if None not in highs:
            end = min(max(high for high in highs if high), end)
    return start, end


def _period(field: str, span: Span, now: datetime) -> tuple[datetime | None, datetime | None]:
    if field == "at":
        return _moment(span.low), _moment(span.high)
    return _ago(span.high, now), _ago(span.low, now)


def _moment(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else moment_of(microseconds)


def _ago(ms: int | None, now: datetime) -> datetime | None:
    return None if ms is None else now - timedelta(milliseconds=ms)


def step(start: datetime, end: datetime) -> int:
    """Seconds, so that not too many steps lie between the two."""
    length = (end - start).total_seconds()
    return next((step for step in STEPS if length <= step * _MOST_STEPS), STEPS[-1])
