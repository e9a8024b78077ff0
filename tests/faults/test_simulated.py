"""The rows whose time is simulated: one process, the real flows, hours and days in seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from syncd.core.shard import SHARDS
from syncd.simulator.courier import Parcel
from syncd.store import deliveries, lanes
from tests.faults.figures import reached
from tests.faults.people import people_act
from tests.faults.size import sized
from tests.faults.stage import Stage, catch_up, stage

PACE = 768  # requests a minute: four fifths of PagerDuty's limit
DAYS = timedelta(hours=72)
EARLY = timedelta(hours=3)


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def _refused(at: Stage) -> int:
    return sum(1 for one in at.sim.journal.requests if one.status == 429)


def test_a_storm_of_ten_minutes_meets_no_429_of_our_own_making(at: Stage) -> None:
    keys = at.open(sized(10, 50, 100))
    began = at.clock.monotonic()
    for _ in range(sized(30, 240, 600)):
        people_act(at, keys, 16, on_incidents=True)
        at.work()
        at.carry()
        at.clock.forward(1.0)
    at.until_quiet(timedelta(hours=2))
    minutes = (at.clock.monotonic() - began) / 60
    at.check(keys)
    reached("storm of changes on both sides", "429s of our own making", _refused(at), "0")
    reached("storm of changes on both sides", "requests a minute", round(at.requests() / minutes), "at most 960")
    assert _refused(at) == 0


def test_pagerduty_is_away_for_three_days(at: Stage) -> None:
    count = sized(15, 300, 2000)
    keys = at.open(count)
    at.clock.forward(120)
    at.road.is_closed = True
    left = at.clock.monotonic()
    for key in keys:
        for number in range(3):
            at.cases.comment(key, at.hand(), f"case says {number}")
        at.cases.acknowledge(key, at.hand())
    while (away := at.clock.monotonic() - left) < DAYS.total_seconds():
        at.work()
        # In each step the budget lets only so many be tried; by now each link has failed more often than matters.
        is_early = away < EARLY.total_seconds()
        at.clock.forward(2.0 if is_early and _is_any_due(at) else min(1800.0, max(2.0, away / 20)))
    stuck = _stuck(at)
    at.sim.journal.requests.clear()
    at.road.is_closed = False
    took = at.until_quiet(timedelta(hours=6))
    at.check(keys)
    needed = count * 3 + count * 2
    asked = at.requests()
    statuses, notes = (
        [one.number for one in at.sim.journal.requests if one.method == sent] for sent in ("PUT", "POST")
    )
    reached("PagerDuty away for 72 h", "requests after its return, needed", f"{asked}, {needed}", "the count printed")
    reached(
        "PagerDuty away for 72 h",
        "minutes to converge, of requests needed / 768",
        f"{took / 60:.1f}, {took / 60 / (needed / PACE):.2f} x",
        "at most 1.1 x",
    )
    reached("PagerDuty away for 72 h", "links whose status may pass its notes", f"{stuck} of {count}", "reported")
    is_first = _median(statuses) < _median(notes)
    reached(
        "PagerDuty away for 72 h", "median status went out before the median note", is_first, "status changes first"
    )
    assert stuck == count
    assert is_first
    assert _refused(at) == 0
    assert asked <= 1.1 * needed + 10


def _is_any_due(at: Stage) -> bool:
    with at.db.read() as tx:
        return bool(lanes.due_links(tx, range(SHARDS), at.clock.now(), 1))


def _stuck(at: Stage) -> int:
    """Links whose first note has failed twice or more: their status goes out ahead of it."""
    with at.db.read() as tx:
        rows = [
            row
            for times in (2, 3)
            for row in deliveries.find(tx, {"outcome": "retrying", "attempt": times}, limit=100_000)
        ]
    return len({row["link_id"] for row in rows if row["started_at"]})


def _median(places: Sequence[int]) -> int:
    """Few may all go out at one moment, so what counts is their order."""
    return sorted(places)[len(places) // 2]


def test_the_receiver_is_away_for_three_days_while_both_sides_change(at: Stage) -> None:
    keys = at.open(sized(20, 100, 400))
    changes = sized(100, 500, 2000)
    since = at.clock.now()
    for _ in range(10):
        people_act(at, keys, changes // 10, on_incidents=True)
        at.sim.courier.take()  # Nobody is there to take them, and they are not sent again.
        at.work()
        at.clock.forward(DAYS / 10)
    at.until_quiet(timedelta(hours=2), carry=at.sim.courier.take)
    at.sim.journal.requests.clear()
    catch_up(at, since)
    at.until_quiet(timedelta(hours=6))
    at.check(keys)
    reached("receiver away for 72 h", "differences found and settled", "100 %", "100 %")
    reached(
        "receiver away for 72 h",
        "requests, by change on either side",
        f"{at.requests()}, {at.requests() / changes:.2f}",
        "reported",
    )
    assert _refused(at) == 0


def test_webhooks_come_several_times_in_any_order_and_some_an_hour_late(at: Stage) -> None:
    keys = at.open(sized(6, 30, 100))
    late: list[tuple[float, Parcel]] = []

    def carry() -> None:
        now = at.clock.monotonic()
        for parcel in at.sim.courier.take():
            for _ in range(at.dice.randrange(1, 5)):
                delay = 3600 * at.dice.random() if at.dice.random() < 0.1 else 20 * at.dice.random()
                late.append((now + delay, parcel))
        due = [one for one in late if one[0] <= now]
        late[:] = [one for one in late if one[0] > now]
        at.bring([parcel for _, parcel in at.dice.sample(due, len(due))])

    for _ in range(sized(20, 100, 400)):
        people_act(at, keys, 8, on_incidents=True)
        at.work()
        carry()
        at.clock.forward(5)
    while late:
        at.until_quiet(timedelta(hours=2), step=5, carry=carry)
        at.clock.forward(60)
        carry()
    at.until_quiet(timedelta(hours=2), carry=carry)
    at.check(keys)
    reached(
        "webhooks 1 to 4 times, in any order, some an hour late",
        "both sides equal, notes once",
        True,
        "same final state",
    )


def test_the_key_is_revoked_and_a_new_one_comes_ten_minutes_later(at: Stage) -> None:
    keys = at.open(sized(6, 30, 100))
    for round_ in range(sized(3, 10, 30)):
        people_act(at, keys, 20, on_incidents=False)
        for _ in range(at.dice.randrange(4)):
            at.work()
            at.clock.forward(0.1)
        at.sim.account.keys[at.sim.keys.full].revoked = True
        people_act(at, keys, 20, on_incidents=False)
        revoked = at.clock.monotonic()
        while at.clock.monotonic() - revoked < 600:
            at.work()
            at.carry()
            at.clock.forward(5)
        at.sim.account.keys[at.sim.keys.full].revoked = False
        at.until_quiet(timedelta(hours=1), step=1)
        at.check(keys)
        assert round_ >= 0
    for key in keys:
        said = [text.rpartition("case says ")[2] for text in at.notes(key)]
        comments = [text.rpartition("case says ")[2] for text in at.comments(key)]
        assert said == comments, f"the notes of {key} are in another order"
    with at.db.read() as tx:
        dead = deliveries.find(tx, {"outcome": "failed"})
    reached("key revoked, a new one 10 min later", "changes lost, doubled or out of order", len(dead), "0")
    assert dead == []


@pytest.mark.parametrize(
    "moment", ["2026-03-29T00:59:58+00:00", "2026-10-25T00:59:58+00:00", "2026-12-31T23:59:58+00:00"]
)
def test_a_change_of_the_clock_or_the_year_makes_nothing_stale(at: Stage, moment: str) -> None:

    at.clock.at = datetime.fromisoformat(moment)
    keys = at.open(2)
    for _ in range(8):
        people_act(at, keys, 4, on_incidents=True)
        at.until_quiet(timedelta(minutes=5))
        at.clock.forward(0.5)
    at.check(keys)
    with at.db.read() as tx:
        stale = deliveries.find(tx, {"reason": "stale"})
    reached("DST change; year end", f"stale decisions at {moment[:10]}", len(stale), "no wrong stale decision")
    assert stale == []
