"""Coverage against a walk through every minute: random schedules, all zones, a change of the clock inside the window.

`python -m tests.evidence MINUTES` runs the same for as long as you like; SYNCD_RUNS=2000 says how many of each kind.
"""

from __future__ import annotations

import os
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.evidence.coverage import Coverage, Gap, coverage
from syncd.evidence.schedules.reading import read_layered, read_shift_based
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown
from tests.evidence import generated, oracle
from tests.evidence.walk import MINUTE, minute_of, moment_of

RUNS = int(os.environ.get("SYNCD_RUNS", "60"))
_UNHURRIED = settings(
    max_examples=RUNS, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None
)


@_UNHURRIED
@given(data=st.data())
def test_a_layered_schedule_is_covered_in_exactly_the_minutes_that_a_walk_through_them_finds(
    data: st.DataObject,
) -> None:
    agree_on_layers(data)


@_UNHURRIED
@given(data=st.data())
def test_a_shift_based_schedule_is_covered_in_exactly_those_too(data: st.DataObject) -> None:
    agree_on_shifts(data)


def agree_on_layers(data: st.DataObject) -> None:
    near, start, end = data.draw(generated.windows())
    body = data.draw(generated.layered(near, start))
    window = Span(moment_of(start), moment_of(end))
    agree(read_layered(body, window), window, oracle.layered(body, ZoneInfo(near.zone), start, end))


def agree_on_shifts(data: st.DataObject) -> None:
    near, start, end = data.draw(generated.windows())
    body, overrides, customs = data.draw(generated.shift_based(near, start))
    window = Span(moment_of(start), moment_of(end))
    read = read_shift_based(body, window, overrides, customs)
    agree(read, window, oracle.shift_based(body, overrides, customs, start, end))


def agree(read: Schedule | Unknown, window: Span, row: oracle.Row) -> None:
    assert isinstance(read, Schedule), read
    found = coverage(read, window)
    assert isinstance(found, Coverage), found
    assert by_the_minute(found) == row
    missing = [number for number, people in enumerate(row) if not people]
    assert minutes_of(found.gaps, window) == missing
    assert found.people == frozenset().union(*row)
    assert all(one.end < two.start for one, two in zip(found.uncovered, found.uncovered[1:], strict=False))


def by_the_minute(found: Coverage) -> oracle.Row:
    start = minute_of(found.window.start)
    row: list[set[str]] = [set() for _ in range(minute_of(found.window.end) - start)]
    for shift in found.shifts:
        assert shift.person is not None
        for minute in range(minute_of(shift.span.start), minute_of(shift.span.end)):
            row[minute - start].add(shift.person)
    return [frozenset(people) for people in row]


def minutes_of(gaps: tuple[Gap, ...], window: Span) -> list[int]:
    """No minute of a gap twice, and all in order."""
    return [
        (gap.span.start - window.start) // MINUTE + number
        for gap in gaps
        for number in range((gap.span.end - gap.span.start) // MINUTE)
    ]
