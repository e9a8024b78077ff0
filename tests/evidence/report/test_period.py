"""Which time a report is about, as people type it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncd.errors import Misconfigured
from syncd.evidence.report.period import end_of, period_of
from syncd.evidence.spans import Span

NOW = datetime(2026, 11, 17, 12, 30, tzinfo=UTC)


def day(month: int, number: int, year: int = 2026) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("7d", Span(NOW - timedelta(days=7), NOW)),
        (" 30D ", Span(NOW - timedelta(days=30), NOW)),
        ("quarter", Span(day(10, 1), NOW)),
        ("last-quarter", Span(day(7, 1), day(10, 1))),
        ("2026-q3", Span(day(7, 1), day(10, 1))),
        ("2025-Q4", Span(day(10, 1, 2025), day(1, 1))),
        ("2026-02", Span(day(2, 1), day(3, 1))),
        ("2025-12", Span(day(12, 1, 2025), day(1, 1))),
        ("2026-07-01..2026-09-30", Span(day(7, 1), day(10, 1))),
        ("2026-11-17..2026-11-17", Span(day(11, 17), NOW)),
        (
            "2026-11-01T08:00Z..2026-11-02T08:00+01:00",
            Span(datetime(2026, 11, 1, 8, tzinfo=UTC), datetime(2026, 11, 2, 7, tzinfo=UTC)),
        ),
    ],
)
def test_each_form_is_read_and_none_ends_after_now(words: str, span: Span) -> None:
    assert period_of(words, NOW) == span


def test_in_the_first_quarter_the_last_one_is_of_the_year_before() -> None:
    assert period_of("last-quarter", day(2, 3)) == Span(day(10, 1, 2025), day(1, 1))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("soon", "--period soon is no time; it takes 7d, 30d,"),
        ("0d", "is no time"),
        ("2026-13", "is no time"),
        ("2026-02-30..2026-03-01", "is no time"),
        ("9999-12-31..9999-12-31", "is no time"),
        ("2026-12-01..2026-12-31", "has not begun yet"),
        ("2026-09-30..2026-07-01", "ends before it begins"),
        ("2027-09-30..2027-07-01", "ends before it begins"),
        ("2027-09-30..2026-07-01", "ends before it begins"),
    ],
)
def test_what_is_no_time_is_refused_with_what_is_one(words: str, says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        period_of(words, NOW)


def test_an_acceptance_holds_to_the_end_of_its_last_day() -> None:
    assert end_of("2026-12-31") == day(1, 1, 2027)
    assert end_of("2026-12-31T12:00Z") == datetime(2026, 12, 31, 12, tzinfo=UTC)
    with pytest.raises(Misconfigured, match="--until never is no time; give a day like"):
        end_of("never")
