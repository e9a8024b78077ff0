"""The order of two moments of one record's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import Field, Side
from syncd.core.link import Link, Order, order

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
EMPTY = Link("1", "cases", "CS-1", "pagerduty")


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("seen", "known", "told"),
    [
        (_at(1.5), _at(1.4), Order.NEWER),
        (_at(1.4), _at(1.5), Order.OLDER),
        (_at(1.4), _at(1.4), Order.UNSURE),
        (_at(1.0), _at(1.4), Order.UNSURE),  # A record's whole second against a webhook's milliseconds.
        (_at(1.4), _at(1.0), Order.UNSURE),
        (_at(2.0), _at(1.4), Order.NEWER),
        (_at(0.9), _at(1.0), Order.OLDER),
        (None, _at(1.0), Order.UNSURE),
        (_at(1.0), None, Order.UNSURE),
    ],
)
def test_order(seen: datetime | None, known: datetime | None, told: Order) -> None:
    assert order(seen, known) is told


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_who_is_newer_one_way_is_older_the_other(one: datetime, other: datetime) -> None:
    opposite = {Order.NEWER: Order.OLDER, Order.OLDER: Order.NEWER, Order.UNSURE: Order.UNSURE}
    assert order(other, one) is opposite[order(one, other)]


def test_a_value_seen_twice_keeps_the_later_time() -> None:
    link = EMPTY.saw(Side.CASE, Field.PRIORITY, "P1", _at(5)).saw(Side.CASE, Field.PRIORITY, "P1", _at(3))
    assert link.known[Side.CASE, Field.PRIORITY].at == _at(5)


@pytest.mark.parametrize(("first", "second"), [(5.3, 5), (5, 5.3)])
def test_a_value_seen_twice_in_one_second_keeps_the_whole_second(first: float, second: float) -> None:
    """A record may have left the value and come back to it at any moment of that second."""
    link = EMPTY.saw(Side.CASE, Field.PRIORITY, "P1", _at(first)).saw(Side.CASE, Field.PRIORITY, "P1", _at(second))
    assert link.known[Side.CASE, Field.PRIORITY].at == _at(5)
    assert order(_at(5.7), link.known[Side.CASE, Field.PRIORITY].at) is Order.UNSURE
