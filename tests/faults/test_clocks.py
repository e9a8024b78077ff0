"""Clocks that differ by five minutes: PagerDuty's from ours, and that of one worker's host from the database's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from syncd.store import deliveries
from tests.faults.figures import reached
from tests.faults.people import people_act
from tests.faults.size import sized
from tests.faults.stage import Stage, stage

OFF = timedelta(minutes=5)
SOON = timedelta(minutes=4)  # until all is quiet; less than the clocks differ by
A_BREATH = 30.0  # of people between two rounds; without one the loop breaker takes them for automations


@pytest.mark.parametrize("whose", ["PagerDuty", "one worker's host"])
@pytest.mark.parametrize("ahead", [OFF, -OFF], ids=["ahead", "behind"])
def test_a_clock_that_is_five_minutes_off_makes_nothing_stale(tmp_path: Path, whose: str, ahead: timedelta) -> None:
    skew = {"PagerDuty": {"pagerduty_ahead": ahead}, "one worker's host": {"worker_ahead": ahead}}
    with stage(tmp_path, **skew[whose]) as at:
        keys = at.open(2)
        for number in range(sized(6, 40, 200)):
            _change_by_turns(at, keys[number % 2], number)
            people_act(at, keys, 4, on_incidents=True)
            at.until_quiet(SOON)
            at.check(keys)
            at.clock.forward(A_BREATH)
        with at.db.read() as tx:
            stale = deliveries.find(tx, {"reason": "stale"})
            lost = deliveries.find(tx, {"reason": "worker_lost"})
        row = f"clock of {whose} 5 min {'ahead' if ahead > timedelta() else 'behind'}"
        reached(row, "stale decisions, workers taken for lost", f"{len(stale)}, {len(lost)}", "no wrong stale decision")
        assert stale == []
        assert lost == []


def _change_by_turns(at: Stage, key: str, number: int) -> None:
    """A person of one side right after our own write of the same field there: by that side's clock it is newer."""
    at.cases.set_priority(key, at.hand(), f"P{number % 5 + 1}")
    at.work()
    at.clock.forward(1.5)
    at.sim.people.priority(at.incident_of(key), f"P{(number + 2) % 5 + 1}", at.hand().name)
    at.carry()
    at.work()
    wanted = f"P{(number + 2) % 5 + 1}"
    assert at.cases.get(key).priority == wanted, "a person's later change was not carried over"
