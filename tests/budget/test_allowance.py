"""Every number follows from the limit, and no limit is too small to move."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncd.budget.allowance import MINUTE_US, SMALLEST_BURST, Allowance
from syncd.budget.lane import Lane


def test_pagerdutys_numbers() -> None:
    acme = Allowance("acme")
    assert (acme.limit, acme.burst) == (960, 160)
    assert MINUTE_US / acme.pace_us == 768
    assert [acme.depth(lane) for lane in sorted(Lane, reverse=True)] == [160, 120, 80, 40]


@given(st.integers(1, 1_000_000))
def test_a_burst_and_a_minute_at_the_pace_are_never_more_than_the_limit(limit: int) -> None:
    """A limit below four is one for the pace alone: a single call may cost three requests, and has to go in one piece."""
    one = Allowance("acme", limit)
    assert one.burst + MINUTE_US // one.pace_us <= max(limit, SMALLEST_BURST)
    assert MINUTE_US // one.pace_us <= limit


@given(st.integers(1, 5000))
def test_every_lane_reaches_as_many_as_its_dearest_call(limit: int) -> None:
    """A doubtful closing note is three requests, a status and a look are two."""
    one = Allowance("acme", limit)
    dearest = {Lane.STATUS: 3, Lane.NOTE: 3, Lane.RECONCILE: 2, Lane.EVIDENCE: 1}
    assert all(one.depth(lane) >= cost for lane, cost in dearest.items())


def test_requests_may_arrive_two_and_a_half_seconds_closer_together_than_they_were_taken() -> None:
    acme = Allowance("acme")
    assert acme.burst + (MINUTE_US + 2_500_000) // acme.pace_us == acme.limit


@given(st.integers(1, 5000))
def test_a_higher_lane_reaches_at_least_as_deep_and_each_may_use_one(limit: int) -> None:
    one = Allowance("acme", limit)
    depths = [one.depth(lane) for lane in sorted(Lane)]
    assert depths == sorted(depths)
    assert depths[0] >= 1
    assert depths[-1] == one.burst


@given(st.integers(1, 5000), st.integers(1, 64))
def test_the_shares_together_are_never_more_than_the_whole(limit: int, processes: int) -> None:
    share = Allowance("acme", limit).share(processes)
    assert share.key == "acme"
    assert share.limit * processes <= limit or share.limit == 1


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="acme may send 0 requests a minute"):
        Allowance("acme", 0)


@pytest.mark.parametrize("cost", [0, -1, 161])
def test_a_cost_that_could_never_be_taken_is_refused(cost: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 160"):
        Allowance("acme").check(cost)
