"""The algebra of spans, against sets of whole hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.spans import Span, common, gaps, minus, union

_START = datetime(2026, 1, 1, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_SPANS = st.lists(st.builds(lambda start, length: _span(start, start + length), st.integers(0, 30), st.integers(-2, 8)))


def _span(start: int, end: int) -> Span:
    return Span(_START + start * _HOUR, _START + end * _HOUR)


def _hours(spans: tuple[Span, ...]) -> set[int]:
    assert all(not span.is_empty for span in spans)
    assert all(one.end < two.start for one, two in pairwise(spans)), "they touch, overlap or are out of order"
    return _of(spans)


def _of(spans: tuple[Span, ...] | list[Span]) -> set[int]:
    return {n for span in spans for n in range((span.start - _START) // _HOUR, (span.end - _START) // _HOUR)}


@given(_SPANS, _SPANS)
def test_they_are_sets_of_moments(one: list[Span], other: list[Span]) -> None:
    assert _hours(union(one)) == _of(one)
    assert _hours(union([*one, *other])) == _of(one) | _of(other)
    assert _hours(common(one, other)) == _of(one) & _of(other)
    assert _hours(minus(one, other)) == _of(one) - _of(other)
    assert _hours(gaps(one, _span(5, 25))) == set(range(5, 25)) - _of(one)


def test_what_touches_is_one() -> None:
    assert union([_span(3, 5), _span(1, 3)]) == (_span(1, 5),)


def test_an_end_is_not_of_its_span() -> None:
    assert common([_span(1, 3)], [_span(3, 5)]) == ()
    assert gaps([_span(1, 3), _span(3, 5)], _span(1, 5)) == ()
    assert _span(1, 5).has(_span(1, 5))
    assert not _span(1, 5).has(_span(1, 6))
