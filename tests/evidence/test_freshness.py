"""How recent a dataset is, and what became of each time it was due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.freshness import DueCollection, Ended, State, due_within, state_of
from syncd.evidence.spans import Span

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(0), State.ON_TIME),
        (75 * MINUTE, State.ON_TIME),
        (76 * MINUTE, State.LATE),
        (120 * MINUTE, State.LATE),
        (121 * MINUTE, State.STALE),
    ],
)
def test_its_age_says_how_fresh_it_is(age: timedelta, state: State) -> None:
    assert state_of(NOON - age, HOUR, NOON) is state


@pytest.mark.parametrize("lack", Lack)
@pytest.mark.parametrize("hours", [0, 9])
def test_what_was_not_given_is_not_on_time_however_recently_it_was_asked_for(lack: Lack, hours: int) -> None:
    no = {Lack.SCOPE, Lack.PERMISSION, Lack.PLAN}
    nothing = {Lack.FAILED, Lack.UNREADABLE, Lack.NOT_GIVEN}
    by_age = State.STALE if hours else State.ON_TIME
    expected = State.REFUSED if lack in no else State.FAILED if lack in nothing else by_age
    asked_at = NOON - hours * HOUR
    assert state_of(asked_at, HOUR, NOON, [Missing(lack)]) is expected
    assert state_of(asked_at, HOUR, NOON, [Missing(lack, "S1")]) is by_age, "one record is not all of it"


def test_what_was_never_collected_says_so() -> None:
    assert state_of(None, HOUR, NOON) is State.NEVER


def _due(ended: list[Ended], at: datetime, window: Span | None = None) -> list[tuple[int, str]]:
    window = window or Span(NOON, NOON + 24 * HOUR)
    found = due_within(Name.INCIDENTS, HOUR, NOON, ended, window, at)
    return [((one.due_at - NOON) // HOUR, one.state) for one in found]


def test_each_time_it_was_due_is_done_late_or_missing() -> None:
    ended = [
        Ended(NOON, NOON + 2 * MINUTE),
        Ended(NOON + HOUR, NOON + HOUR + 61 * MINUTE),
        Ended(NOON + 4 * HOUR, NOON + 4 * HOUR + MINUTE),
        Ended(NOON + 5 * HOUR, None),
    ]
    at = NOON + 5 * HOUR + 20 * MINUTE
    assert _due(ended, at) == [(0, "done"), (1, "late"), (2, "missing"), (3, "missing"), (4, "done"), (5, "late")]
    assert _due(ended, NOON + 5 * HOUR + 10 * MINUTE)[-1] == (4, "done")  # The last has only just come.
    assert _due(ended, NOON + HOUR + 30 * MINUTE) == [(0, "done"), (1, "late")]  # As it was known then.


def test_before_it_was_first_due_nothing_was() -> None:
    before = Span(NOON - 10 * HOUR, NOON)
    assert _due([], NOON, before) == []
    assert list(due_within(Name.USERS, HOUR, None, [], before, NOON)) == []


@given(st.integers(-5, 30), st.integers(1, 30), st.integers(0, 60), st.sets(st.integers(0, 30)))
def test_no_time_is_left_out_and_none_is_told_twice(start: int, length: int, now: int, done: set[int]) -> None:
    window, at = Span(NOON + start * HOUR, NOON + (start + length) * HOUR), NOON + now * HOUR + 50 * MINUTE
    ended = [Ended(NOON + one * HOUR, NOON + one * HOUR + MINUTE) for one in done]
    found = dict(_due(ended, at, window))
    assert set(found) == {one for one in range(max(0, start), start + length) if one <= now}
    assert {one for one, state in found.items() if state == "done"} == set(found) & done


def test_its_lines_name_the_dataset() -> None:
    (only,) = due_within(Name.USERS, HOUR, NOON, [], Span(NOON, NOON + HOUR), NOON + 2 * HOUR)
    assert only == DueCollection(Name.USERS, NOON, "missing")
