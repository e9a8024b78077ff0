"""The time a query is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncd.core.query.reading import read
from syncd.core.query.window import STEPS, WEEK, bounded, bounds, step
from syncd.core.query.writing import write

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("", "age<7d"), ("case:C-1", "case:C-1 age<7d"), ("age<1h", "age<1h"), ("-at:2026-11-20", "-at:2026-11-20")],
)
def test_a_week_unless_a_time_is_named(asked: str, meant: str) -> None:
    assert write(bounded(read(asked))) == meant


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("", None, NOW),
        ("age<7d", NOW - WEEK, NOW),
        ("age:1d..2d", NOW - 2 * DAY - timedelta(milliseconds=1), NOW - DAY),
        ("at:2026-11-20", NOW - 1.5 * DAY, NOW - DAY / 2),
        ("at:2026-11-18,2026-11-20", NOW - 3.5 * DAY, NOW - DAY / 2),
        ("at>=2026-11-20 age<1d", NOW - DAY, NOW),
        ("at<2026-11-20", None, NOW - 1.5 * DAY),
        ("at:2026-11-21", NOW - DAY / 2, NOW),
        ("-age<1d", None, NOW),
    ],
)
def test_from_when_to_when(query: str, start: datetime | None, end: datetime) -> None:
    assert bounds(read(query), NOW) == (start, end)


def test_steps_are_those_that_people_count_in() -> None:
    assert [step(NOW - length, NOW) for length in (timedelta(), timedelta(hours=1), DAY, WEEK, 90 * DAY)] == [
        60,
        60,
        1800,
        10_800,
        172_800,
    ]
    assert step(NOW - 40_000 * DAY, NOW) == STEPS[-1]
