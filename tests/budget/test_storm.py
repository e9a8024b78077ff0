"""Ten minutes in which far more wants to go out than may: the higher lanes lose nothing, and nothing is wasted."""

from __future__ import annotations

import pytest

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.process import ProcessBudget
from tests.budget.storm import TICK_S, Storm, most_in_a_minute, stopped

STATUS, NOTE, RECONCILE, EVIDENCE = Lane.STATUS, Lane.NOTE, Lane.RECONCILE, Lane.EVIDENCE
ENDLESS = 5000.0  # a minute


def storm(asks_every_s: float = TICK_S) -> Storm:
    clock = stopped()
    return Storm(ProcessBudget(clock), clock, Allowance("acme"), asks_every_s)


def most(of: Storm) -> int:
    return most_in_a_minute([at for at, _ in of.sent])


@pytest.mark.parametrize(("lane", "in_a_minute"), [(STATUS, 928), (NOTE, 888), (RECONCILE, 848), (EVIDENCE, 808)])
def test_a_lane_alone_gets_its_depth_and_then_the_full_rate(lane: Lane, in_a_minute: int) -> None:
    alone = storm()
    alone.rages(10, {lane: ENDLESS})
    assert most(alone) == in_a_minute
    assert alone.got(60)[lane] == 9 * 768


def test_under_pressure_the_highest_lane_takes_everything() -> None:
    all_at_once = storm()
    all_at_once.rages(10, dict.fromkeys(Lane, ENDLESS))
    assert most(all_at_once) == 928
    assert all_at_once.got(60) == {STATUS: 9 * 768}
    # Only until the debt has grown past their depths.
    assert all_at_once.got(0, 60) == {STATUS: 845, NOTE: 45, RECONCILE: 25, EVIDENCE: 12}


def test_what_the_higher_lanes_leave_goes_down_to_the_last_request() -> None:
    mixed = storm()
    mixed.rages(10, {STATUS: 300, NOTE: 200, RECONCILE: 100, EVIDENCE: ENDLESS})
    assert mixed.got(60) == {STATUS: 2700, NOTE: 1800, RECONCILE: 900, EVIDENCE: 9 * 768 - 5400}
    assert [int(mixed.waiting[lane]) for lane in (STATUS, NOTE, RECONCILE)] == [0, 0, 0]


def test_the_lowest_lanes_starve_first() -> None:
    crowded = storm()
    crowded.rages(10, {STATUS: 500, NOTE: 200, RECONCILE: 200, EVIDENCE: ENDLESS})
    assert crowded.got(60) == {STATUS: 4500, NOTE: 1800, RECONCILE: 9 * 768 - 6300}


def test_a_rush_of_statuses_finds_its_burst_whatever_the_others_do() -> None:
    rush = storm()
    rush.rages(5, dict.fromkeys([NOTE, RECONCILE, EVIDENCE], ENDLESS))
    rush.waiting[STATUS] = 40.0
    rush.rages(TICK_S / 60, {STATUS: 0.0})
    assert rush.got(300) == {STATUS: 40}


def test_whoever_asks_only_every_three_seconds_is_not_overtaken() -> None:
    """What a lane keeps for itself lasts for 3.1 s at the full rate."""
    slow = storm(asks_every_s=3.0)
    slow.rages(10, dict.fromkeys(Lane, ENDLESS))
    assert slow.got(60) == {STATUS: 9 * 768}
