"""The request budget under a storm: no 429 of our own making, statuses ahead of notes, and nothing lost or doubled for it.

The real flows and the real client, a simulated PagerDuty that counts, and a clock that stands still.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from syncd.budget.fallback import budget
from syncd.clock import StoppedClock
from syncd.connections.tolls import Tolls
from syncd.core.changes import Field, Side, Status, Verb
from syncd.core.errand import Errand, ErrandKind
from syncd.core.shard import SHARDS, shard_of
from syncd.flow.look import RECONCILE
from syncd.flow.room import LOOK_COSTS, Room, cost_of, purpose_of
from syncd.simulator import BOT_EMAIL, Simulator, simulator
from syncd.store import arrivals, errands, inflow
from syncd.store.arrivals import NewArrival
from syncd.systems.pagerduty import client
from syncd.systems.pagerduty.incident import Incidents
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip
from tests.flow.world import NOON, PAGERDUTY, WITHIN, World

LIMIT = 600  # requests a minute
PACE = LIMIT * 0.8 / 60  # a second
STEP = 0.25  # seconds of simulated time


class Storm:
    """A world whose incident side is the simulated PagerDuty, asked by `workers` crews with one budget."""

    def __init__(self, world: World, sim: Simulator, limit: int, workers: int) -> None:
        self.world, self.sim = world, sim
        tolls = Tolls(budget("", "", 1, world.clock), limit)
        world.connections.tolls = tolls
        bot = next(user.id for user in sim.account.users.values() if user.email == BOT_EMAIL)
        http = client.http(sim.keys.full, BOT_EMAIL, transport=sim.transport(), toll=tolls.of(PAGERDUTY, "pagerduty"))
        world.connections._systems[PAGERDUTY] = ((None, "", {}, False), Incidents(http, bot))
        with world.db.write() as tx:
            tx.execute(text("UPDATE integrations SET system = 'pagerduty' WHERE slug = 'pagerduty'"))
            tx.execute(
                text("UPDATE connectors SET priorities = '[]', service_id = :service"),
                {"service": next(iter(sim.account.services))},
            )
        self.crews = [world.crew, *(world.new_crew() for _ in range(workers - 1))]

    def until_done(self, within: timedelta, step: float = STEP) -> float:
        """Seconds of simulated time."""
        clock = self.world.clock
        began, counted = clock.monotonic(), dict[str, int]()
        while clock.monotonic() - began < within.total_seconds():
            self._work()
            with self.world.db.read() as tx:
                counted = errands.counts(tx)
            if not counted.get("waiting") and not counted.get("sending"):
                assert not any(crew.wait(0.0) for crew in self.crews), "a crew with nothing to do turns and turns"
                return clock.monotonic() - began
            clock.forward(step)
        message = f"it is not done within {within}: {counted}"
        raise AssertionError(message)

    def _work(self) -> None:
        for crew in self.crews:
            crew.wake(range(SHARDS))
        for crew in self.crews:
            while crew.wait(WITHIN if crew.is_out else 0.0):
                crew.turn()

    def refused(self) -> list[datetime]:
        return [one.at for one in self.sim.journal.requests if one.status == 429]

    def most_in_a_minute(self) -> int:
        at = [one.at for one in self.sim.journal.requests]
        return max(sum(1 for other in at if one <= other < one + timedelta(seconds=60)) for one in at[::20])


@pytest.fixture
def storm(world: World) -> Iterator[Storm]:
    with simulator(seed=3, clock=world.clock) as sim:
        sim.switches.requests_per_minute = LIMIT
        made = Storm(world, sim, LIMIT, workers=2)
        yield made
        for crew in made.crews[1:]:
            crew.close(0.1)


def _open(storm: Storm, count: int) -> list[str]:
    cases = [f"C-{number}" for number in range(count)]
    for case in cases:
        storm.world.ask_for_incident(case)
    storm.until_done(timedelta(minutes=5))
    return cases


def test_a_storm_of_notes_and_statuses_meets_no_429_and_loses_nothing(storm: Storm) -> None:
    cases = _open(storm, 20)
    for number in range(15):
        for case in cases:
            storm.world.comment(Side.CASE, case, f"note {number}")
    for case in cases:
        storm.world.act(Side.CASE, case, Field.STATUS, Status.RESOLVED)
    took = storm.until_done(timedelta(minutes=10))
    assert storm.refused() == []
    assert storm.most_in_a_minute() <= LIMIT
    needed = 20 * 15 + 20 * 2
    assert took <= 1.1 * needed / PACE
    assert took >= 0.5 * needed / PACE  # Else it was no storm.
    for case in cases:
        incident = storm.sim.account.incidents[storm.world.link(case).link.incident_id]
        assert [note.content for note in incident.notes] == [f"Ana (case): note {number}" for number in range(15)]
        assert incident.status == "resolved"


def test_statuses_of_other_links_go_ahead_of_notes_while_requests_are_scarce(storm: Storm) -> None:
    noisy, *quiet = _open(storm, 21)
    storm.world.wait(60)
    for number in range(100):
        storm.world.comment(Side.CASE, noisy, f"note {number}")
        if number < 20:
            for case in quiet[:10]:
                storm.world.comment(Side.CASE, case, f"note {number}")
    for _ in range(8):
        storm._work()
        storm.world.clock.forward(STEP)
    asked = storm.world.clock.now()
    for case in quiet[10:]:
        storm.world.act(Side.CASE, case, Field.STATUS, Status.ACKNOWLEDGED)
    storm.until_done(timedelta(minutes=10))
    puts = [one.at for one in storm.sim.journal.requests if one.method == "PUT"]
    assert len(puts) == 10
    assert max(puts) - asked < timedelta(seconds=15)
    assert storm.refused() == []


def _stranger(storm: Storm, count: int) -> None:
    """Somebody else with the same key."""
    http = client.http(storm.sim.keys.full, BOT_EMAIL, transport=storm.sim.transport())
    for _ in range(count):
        http.send(Trip.begin("stranger", storm.world.clock.monotonic), "GET", "/abilities")


def test_somebody_else_who_uses_the_key_is_noticed_before_a_429_comes(storm: Storm) -> None:
    (case,) = _open(storm, 1)
    storm.world.clock.forward(60)
    _stranger(storm, LIMIT - 20)
    for number in range(40):
        storm.world.comment(Side.CASE, case, f"note {number}")
    took = storm.until_done(timedelta(minutes=5))
    assert storm.refused() == []
    assert took > 50


def test_after_a_429_nothing_is_asked_until_its_time_is_over(storm: Storm) -> None:
    cases = _open(storm, 10)
    storm.world.clock.forward(60)
    _stranger(storm, LIMIT)
    for case in cases:
        storm.world.comment(Side.CASE, case, "one")
    storm.until_done(timedelta(minutes=5))
    assert 1 <= len(storm.refused()) <= 4  # those that were under way together
    assert {row["outcome"] for row in storm.world.rows() if row["change"] == "comment"} == {"retrying", "applied"}


def test_what_the_budget_keeps_waiting_is_no_attempt(storm: Storm) -> None:
    cases = _open(storm, 4)  # So many notes about one case would be taken for a loop.
    for number in range(LIMIT // 6 + 20):
        storm.world.comment(Side.CASE, cases[number % len(cases)], f"note {number}")
    storm.until_done(timedelta(minutes=5))
    rows = [row for row in storm.world.rows() if row["change"] == "comment"]
    assert {(row["outcome"], row["attempt"]) for row in rows} == {("applied", 1)}


@pytest.mark.parametrize("limit", [1, 5, 11])
def test_the_smallest_budgets_let_notes_and_statuses_go(storm: Storm, limit: int) -> None:
    slow = Storm(storm.world, storm.sim, limit, workers=1)
    slow.world.ask_for_incident("C-0")
    slow.until_done(timedelta(minutes=60), step=15.0)
    slow.world.comment(Side.CASE, "C-0", "one")
    slow.world.act(Side.CASE, "C-0", Field.STATUS, Status.ACKNOWLEDGED)
    slow.until_done(timedelta(minutes=20), step=15.0)
    incident = slow.sim.account.incidents[slow.world.link("C-0").link.incident_id]
    assert [note.content for note in incident.notes] == ["Ana (case): one"]
    assert incident.status == "acknowledged"


@pytest.mark.parametrize("limit", [1, 5, 11, 17, 23])
def test_a_rested_budget_has_room_for_the_dearest_call_of_each_purpose(limit: int) -> None:
    clock = StoppedClock(NOON)
    tolls = Tolls(budget("", "", 1, clock), limit)
    toll = tolls.of(PAGERDUTY, "pagerduty")
    for purpose, dearest in ((Purpose.STATUS, 2), (Purpose.NOTE, 3), (Purpose.RECONCILE, LOOK_COSTS)):
        while not toll.pay(purpose, dearest):
            pass
        clock.forward(timedelta(minutes=10))
        scarce = tolls.scarce()
        assert PAGERDUTY in scarce
        assert Room.of({PAGERDUTY: 1}, scarce).take(PAGERDUTY, purpose, dearest)
        assert toll.pay(purpose, dearest) == 0.0
        clock.forward(timedelta(minutes=10))


def test_each_kind_of_errand_is_paid_for_as_it_asks() -> None:
    costs = {kind: cost_of(_errand(kind)) for kind in ErrandKind}
    assert costs == {
        ErrandKind.OPEN: 1,
        ErrandKind.LINK: 0,
        ErrandKind.STATUS: 2,
        ErrandKind.PRIORITY: 2,
        ErrandKind.RESOLUTION_NOTE: 2,
        ErrandKind.NOTE: 1,
        ErrandKind.CLOSING_NOTE: 2,
    }
    assert cost_of(replace(_errand(ErrandKind.NOTE), is_doubtful=True)) == 2
    assert cost_of(replace(_errand(ErrandKind.STATUS), is_doubtful=True)) == 2
    assert cost_of(replace(_errand(ErrandKind.OPEN), attempt=2)) == 2
    doubtful = [replace(_errand(kind), is_doubtful=True, attempt=2) for kind in ErrandKind]
    assert {cost_of(one, can_be_read=False) for one in doubtful} == {1}, "an event is one request, and nothing is read"
    assert purpose_of(_errand(ErrandKind.CLOSING_NOTE)) is Purpose.NOTE
    assert purpose_of(_errand(ErrandKind.OPEN)) is Purpose.STATUS


def _errand(kind: ErrandKind) -> Errand:
    return Errand("1", "1", Side.INCIDENT, kind, Verb.NOTE, attempt=1)


def test_a_status_whose_order_only_a_look_can_tell_does_not_spend_what_the_look_needs(storm: Storm) -> None:
    """Resolved in the very second in which it was opened: every read of it says the same, and nobody knows how old it is."""
    (noisy,) = _open(storm, 1)
    storm.world.clock.at = storm.world.clock.at.replace(microsecond=0) + timedelta(seconds=1)
    storm.world.ask_for_incident("C-9")
    storm._work()
    incident = storm.world.link("C-9").link.incident_id
    storm.sim.people.resolve(incident, "Ana Lima")
    for number in range(LIMIT // 6):
        storm.world.comment(Side.CASE, noisy, f"note {number}")
    storm._work()
    storm.world.act(Side.CASE, "C-9", Field.STATUS, Status.ACKNOWLEDGED)
    storm.until_done(timedelta(minutes=5))
    assert storm.world.case.record("C-9").status == Status.RESOLVED
    stale = [row for row in storm.world.rows() if row["reason"] == "stale"]
    assert len(stale) <= 3


def test_what_the_lowest_lane_has_no_request_for_waits_and_nothing_spins(storm: Storm) -> None:
    cases = _open(storm, 5)
    storm.world.clock.forward(60)
    toll = storm.world.connections.tolls.of(PAGERDUTY, "pagerduty")
    assert toll.pay(Purpose.STATUS, LIMIT // 6 // 2) == 0.0  # Half of the burst: nothing is left for the lower half.
    assert toll.pay(Purpose.RECONCILE, 1) > 0.0
    hints = []
    for case in cases:
        ref = storm.world.link(case).link.incident_id
        body = storm.world.connections._systems[PAGERDUTY][1].thin_hook(ref)
        hints.append(NewArrival(PAGERDUTY, None, RECONCILE, ref, body, storm.world.clock.now(), shard_of(ref)))
    with storm.world.db.write() as tx:
        arrivals.add_many(tx, hints)
    turns = 0
    storm.world.crew.wake(range(SHARDS))
    while storm.world.crew.wait(WITHIN if storm.world.crew.is_out else 0.0):
        storm.world.crew.turn()
        turns += 1
        assert turns < 50, "a crew that may not ask turns and turns"
    for _ in range(120):
        storm._work()
        storm.world.clock.forward(STEP)
    with storm.world.db.read() as tx:
        assert inflow.count_waiting(tx) == 0
    assert storm.refused() == []
