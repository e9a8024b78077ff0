"""What holds for any history: no minute above the limit, no lane before a higher one, no more than the far side said."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from syncd.budget.allowance import SMALLEST_BURST, Allowance
from syncd.budget.lane import Lane
from syncd.budget.meter import Meter, until_us
from syncd.budget.process import ProcessBudget
from tests.budget.histories import HISTORIES, LANES, LEARNS, LIMITS, TAKES, Event, Learn, Take, lived
from tests.budget.storm import most_in_a_minute, stopped

ACME = Allowance("acme")
SECOND_US = 1_000_000


@given(LIMITS, st.lists(TAKES, max_size=120))
@example(960, [Take(0, Lane.STATUS, 100)] + [Take(78_125, Lane.STATUS, 0)] * 1000)
def test_no_minute_holds_more_than_the_limit(limit: int, history: list[Take]) -> None:
    clock, one = stopped(), Allowance("acme", limit)
    budget = ProcessBudget(clock)
    sent: list[float] = []
    for take in history:
        clock.forward(timedelta(microseconds=take.after_us))
        if budget.take(one, take.lane, take.cost(one)) == 0.0:
            sent += [clock.monotonic()] * take.cost(one)
    assert most_in_a_minute(sent) <= max(limit, SMALLEST_BURST)


@given(LIMITS, HISTORIES, LANES, LANES)
def test_no_lane_gets_what_a_higher_one_was_refused_at_the_same_moment(
    limit: int, history: list[Event], one: Lane, other: Lane
) -> None:
    clock, allowance = stopped(), Allowance("acme", limit)
    budget = ProcessBudget(clock)
    lived(budget, clock, allowance, history)
    higher, lower = max(one, other), min(one, other)
    assert budget.room(allowance, higher) >= budget.room(allowance, lower)
    refused = budget.take(allowance, higher)
    assert budget.take(allowance, lower) >= refused or not refused


@given(LIMITS, HISTORIES, LANES)
def test_a_glance_says_how_many_go_through(limit: int, history: list[Event], lane: Lane) -> None:
    clock, allowance = stopped(), Allowance("acme", limit)
    budget = ProcessBudget(clock)
    lived(budget, clock, allowance, [each for each in history if not isinstance(each, Learn)])
    room = budget.room(allowance, lane)
    assert [budget.take(allowance, lane) == 0.0 for _ in range(room + 1)] == [True] * room + [False]


@given(LIMITS, HISTORIES, LANES)
def test_whoever_comes_back_when_told_to_is_let_through(limit: int, history: list[Event], lane: Lane) -> None:
    clock, allowance = stopped(), Allowance("acme", limit)
    budget = ProcessBudget(clock)
    lived(budget, clock, allowance, history)
    if wait := budget.take(allowance, lane):
        clock.forward(wait)
        assert budget.take(allowance, lane) == 0.0


@given(LIMITS, HISTORIES, LEARNS)
@example(960, [Learn(0, 960, 100, 60)], Learn(0, 96, 96, 60))
def test_headers_never_make_a_budget_larger(limit: int, history: list[Event], learn: Learn) -> None:
    clock, allowance = stopped(), Allowance("acme", limit)
    budget = ProcessBudget(clock)
    lived(budget, clock, allowance, history)
    before = [budget.room(allowance, lane) for lane in Lane]
    learn.happens(budget, allowance)
    assert all(budget.room(allowance, lane) <= room for lane, room in zip(Lane, before, strict=True))


@given(st.integers(0, 300), st.integers(1, 60), st.lists(TAKES, max_size=80))
def test_no_more_goes_out_than_the_far_side_said_it_would_take(
    remaining: int, reset_s: int, history: list[Take]
) -> None:
    clock = stopped()
    budget = ProcessBudget(clock)
    budget.learn(ACME, 960, remaining, reset_s)
    until, sent = clock.monotonic() + reset_s, 0
    for take in history:
        clock.forward(timedelta(microseconds=take.after_us))
        if clock.monotonic() <= until and budget.take(ACME, take.lane, take.cost(ACME)) == 0.0:
            sent += take.cost(ACME)
    assert sent <= remaining


def test_of_what_remains_the_lower_lanes_leave_the_same_to_the_higher_as_of_the_burst() -> None:
    meter = Meter(0)
    meter.learn(ACME, 960, 100, 30 * SECOND_US)
    assert [meter.room(ACME, lane) for lane in sorted(Lane, reverse=True)] == [100, 60, 20, 0]
    assert meter.take(ACME, Lane.EVIDENCE, 1) == 30 * SECOND_US
    assert meter.take(ACME, Lane.STATUS, 100) == 0
    assert meter.take(ACME, Lane.STATUS, 1) == 30 * SECOND_US


def test_an_answer_that_was_overtaken_is_not_believed_when_it_says_more() -> None:
    meter = Meter(0)
    meter.learn(ACME, 960, 10, 5 * SECOND_US)
    meter.learn(ACME, 960, 900, 60 * SECOND_US)
    assert meter.room(ACME, Lane.STATUS) == 10
    meter.age(5 * SECOND_US)
    assert meter.room(ACME, Lane.STATUS) == 160
    meter.learn(ACME, 960, 100, 60 * SECOND_US)
    assert meter.room(ACME, Lane.STATUS) == 100


def test_the_tighter_limit_of_one_operation_stops_nothing_before_it_is_nearly_used_up() -> None:
    meter = Meter(0)
    meter.learn(ACME, 96, 40, 30 * SECOND_US)  # Of ten lower a limit the lanes keep a tenth: 0, 4, 8, 12.
    assert [meter.room(ACME, lane) for lane in sorted(Lane, reverse=True)] == [40, 36, 32, 28]
    assert all(meter.take(ACME, Lane.STATUS, 1) == 0 for _ in range(160)), "these were other operations"
    meter.learn(ACME, 96, 9, 30 * SECOND_US)
    meter.age(20 * SECOND_US)
    assert [meter.room(ACME, lane) for lane in sorted(Lane, reverse=True)] == [9, 5, 1, 0]


def test_after_a_429_nothing_goes_out_and_then_one_at_a_time_the_highest_lane_first() -> None:
    meter = Meter(0)
    meter.exhaust(ACME, 30 * SECOND_US)
    meter.age(30 * SECOND_US)
    assert [meter.take(ACME, lane, 1) / SECOND_US for lane in sorted(Lane)] == [9.453125, 6.328125, 3.203125, 0.078125]
    meter.age(30 * SECOND_US + ACME.pace_us)
    assert meter.room(ACME, Lane.STATUS) == 1
    assert meter.room(ACME, Lane.NOTE) == 0


def test_a_shorter_word_after_a_429_does_not_shorten_it() -> None:
    meter = Meter(0)
    meter.exhaust(ACME, 30 * SECOND_US)
    meter.exhaust(ACME, SECOND_US)
    meter.age(29 * SECOND_US)
    assert meter.take(ACME, Lane.STATUS, 1) == SECOND_US + ACME.pace_us


def test_a_clock_that_is_set_back_costs_nothing_but_the_moment() -> None:
    meter = Meter(3_600 * SECOND_US)
    assert meter.take(ACME, Lane.STATUS, 160) == 0
    meter.age(0)
    assert meter.take(ACME, Lane.STATUS, 1) == ACME.pace_us
    meter.age(ACME.pace_us)
    assert meter.take(ACME, Lane.STATUS, 1) == 0


def test_whole_seconds_are_told_rounded_so_one_more_is_waited() -> None:
    assert [until_us(seconds) for seconds in (-1, 0, 0.5, 3)] == [SECOND_US, SECOND_US, 1_500_000, 4 * SECOND_US]
    assert until_us(1e300) == 86_401 * SECOND_US
