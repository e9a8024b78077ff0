"""Quick far sides get more calls at once; one slow call slows at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from syncd.flow.pace import Pace

LANES = 8


def test_until_something_is_known_each_lane_gets_one_call() -> None:
    assert Pace(LANES).window() == LANES


def test_quick_calls_deepen_the_lanes_to_a_bound() -> None:
    pace = Pace(LANES)
    for _ in range(100):
        pace.saw(0.005)
    assert pace.window() == LANES * 8


def test_one_slow_call_slows_at_once() -> None:
    pace = Pace(LANES)
    for _ in range(100):
        pace.saw(0.005)
    pace.saw(9.0)
    assert pace.window() == LANES


@given(st.lists(st.floats(0, 60), max_size=50))
def test_the_window_never_leaves_its_bounds(calls: list[float]) -> None:
    pace = Pace(LANES)
    for seconds in calls:
        pace.saw(seconds)
        assert LANES <= pace.window() <= LANES * 8
