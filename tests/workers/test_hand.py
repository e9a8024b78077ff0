"""One worker process's hand: it works without broker and beat, survives what goes wrong around it, and ends in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from redis import Redis
from sqlalchemy import text

from syncd.connections.joining import collected
from syncd.connections.joining.setup import Setup
from syncd.core.shard import shard_of
from syncd.errors import Misconfigured, Unavailable
from syncd.evidence.collecting.catalogue import COURSES
from syncd.evidence.facts.dataset import Name
from syncd.simulator import Fault
from syncd.store import deliveries, errands, heartbeats, lanes
from syncd.store.cases import Cases, NewCase
from syncd.store.cases import Hand as Person
from syncd.store.database import Database
from syncd.store.evidence import collections
from syncd.store.tables import deliveries as table
from syncd.wiring import database
from tests.flow.attic import Attic, OldDelivery, OldHook, bodies, ids
from tests.waiting import wait_until
from tests.workers.onehand import Here, hand, settings_for, web
from workers.hand import Hand

ANA = Person("Ana Lima", "cli")
NEVER = 60.0  # a sweep that does not come round while a test lasts


def cases(here: Here) -> Cases:
    return Cases(here.daemon.db, site=here.url)


def open_case(here: Here) -> str:
    return cases(here).open(NewCase("Checkout is slow"), ANA).case.key


def states(db: Database) -> dict[str, int]:
    with db.read() as tx:
        return errands.counts(tx)


def applied(db: Database) -> list[str]:
    with db.read() as tx:
        return [row["change"] for row in deliveries.find(tx, {"outcome": "applied"})]


def test_its_own_timer_moves_both_sides_without_broker_and_beat(here: Here) -> None:
    with hand(here.settings):
        key = open_case(here)
        incidents = here.pagerduty.account.incidents
        wait_until(lambda: len(incidents) == 1)
        (incident,) = incidents.values()
        wait_until(lambda: bool(cases(here).get(key).incident_url))
        here.pagerduty.people.acknowledge(incident.id, "Ben Osei")
        wait_until(lambda: cases(here).get(key).status == "acknowledged")
        cases(here).resolve(key, ANA, "Rolled back.")
        wait_until(lambda: incident.status == "resolved")


def test_it_says_that_it_is_there(here: Here) -> None:
    with hand(here.settings) as made:

        def last() -> list[heartbeats.Heartbeat]:
            with here.daemon.db.read() as tx:
                return [one for one in heartbeats.latest(tx) if one.part == "worker"]

        (first,) = last()
        assert first.instance == made.daemon.instance
        assert str(os.getpid()) in first.instance
        wait_until(lambda: last()[0].at > first.at)


@contextmanager
def rung(home: Path, redis_url: str, **changed: float) -> Iterator[tuple[Here, Hand, Redis]]:
    """With a broker, and a timer that stays out of the way."""
    settings = settings_for(home, redis_url=redis_url, **{"sweep_s": NEVER, **changed})
    with web(settings) as here, hand(settings) as made, closing(Redis.from_url(redis_url)) as redis:
        yield here, made, redis


def mark(shard: int) -> str:
    return f"syncd:wake:{shard}"


def test_a_wake_up_takes_its_mark_away(home: Path, redis_url: str) -> None:
    with rung(home, redis_url) as (here, made, redis):
        here.daemon.bell.ring([3])
        wait_until(lambda: bool(redis.exists(mark(3))))
        made.crew.rung([3])
        wait_until(lambda: not redis.exists(mark(3)))


def test_work_it_makes_for_other_shards_is_done_at_once(home: Path) -> None:
    """An errand's shard is its link's, which is seldom that of the hook; nobody else is woken here."""
    with web(settings_for(home, sweep_s=NEVER)) as here, hand(here.settings) as made:
        keys = [open_case(here) for _ in range(6)]
        made.crew.wake(made.sweep())
        wait_until(lambda: all(cases(here).get(key).incident_url for key in keys))


def test_a_call_that_hangs_delays_nobody_else(home: Path) -> None:
    with web(settings_for(home)) as here, hand(here.settings):
        keys = [open_case(here), open_case(here)]
        wait_until(lambda: all(cases(here).get(key).incident_url for key in keys))
        slow, quick = (cases(here).get(key).incident_url.rsplit("/", 1)[-1] for key in keys)
        wait_until(lambda: states(here.daemon.db).keys() == {"delivered"})
        here.pagerduty.faults.lay(Fault(methods=("POST",), path=f"/incidents/{slow}/notes", delay_s=9.0))
        for key in keys:
            cases(here).comment(key, ANA, "Looking at it.")
        wait_until(lambda: applied(here.daemon.db).count("comment") == 1)
        assert len(here.pagerduty.account.incidents[quick].notes) == 1
        wait_until(lambda: states(here.daemon.db).get("sending") == 1)  # The slow one's call is still out.


def test_what_was_never_rung_for_is_found_by_the_timer(home: Path, redis_url: str) -> None:
    """A broker that takes every wake-up, and no worker behind it."""
    with rung(home, redis_url, sweep_s=0.02) as (here, _, redis):
        here.daemon.bell.ring([shard_of(open_case(here))])
        wait_until(lambda: len(here.pagerduty.account.incidents) == 1)
        wait_until(lambda: redis.llen("syncd") == 1)


def test_what_is_due_before_the_next_sweep_is_tried_at_its_moment(home: Path) -> None:
    with web(settings_for(home, sweep_s=NEVER)) as here:
        db = here.daemon.db
        open_case(here)
        here.pagerduty.faults.lay(Fault(methods=("POST",), path="/incidents", status=500))
        with hand(settings_for(home, sweep_s=NEVER)) as made:
            made.crew.wake(made.sweep())
            wait_until(lambda: states(db) == {"waiting": 1})
        with db.write() as tx:
            (failed,) = lanes.due_of_links(tx, [1], db.now(tx) + timedelta(minutes=1))
            errands.postpone(tx, failed.id, db.now(tx) + timedelta(seconds=1.5))
        with hand(settings_for(home, sweep_s=NEVER)):
            wait_until(lambda: applied(db) == ["open"])


def test_closing_settles_what_is_on_its_way_back(home: Path) -> None:
    with web(settings_for(home)) as here:
        with hand(here.settings):
            here.pagerduty.faults.lay(Fault(methods=("POST",), path="/incidents", delay_s=0.6))
            open_case(here)
            wait_until(lambda: states(here.daemon.db) == {"sending": 1})
            assert applied(here.daemon.db) == []
        assert states(here.daemon.db)["delivered"] == 1
        assert applied(here.daemon.db) == ["open"]
        assert len(here.pagerduty.account.incidents) == 1


TROUBLES = {
    "unavailable": ("ALTER TABLE arrivals RENAME TO away", "ALTER TABLE away RENAME TO arrivals", "work.failed"),
    "broken": (
        "CREATE TRIGGER full BEFORE UPDATE ON arrivals BEGIN SELECT RAISE(ABORT, 'a fault of ours'); END",
        "DROP TRIGGER full",
        "work.broken",
    ),
}


@pytest.mark.parametrize("how", TROUBLES)
def test_whatever_goes_wrong_in_a_turn_it_is_tried_again(here: Here, how: str) -> None:
    breaking, mending, event = TROUBLES[how]
    with structlog.testing.capture_logs() as logged, hand(here.settings) as made:
        open_case(here)
        change(here.daemon.db, breaking)
        made.crew.wake([1])
        wait_until(lambda: event in [line["event"] for line in logged])
        change(here.daemon.db, mending)
        wait_until(lambda: len(here.pagerduty.account.incidents) == 1)


def test_closing_says_goodbye(here: Here) -> None:
    """Nobody should have to wait for a minute to see that no worker is there."""
    with hand(here.settings), here.daemon.db.read() as tx:
        assert [one.is_stopped for one in heartbeats.latest(tx) if one.part == "worker"] == [False]
    with here.daemon.db.read() as tx:
        assert [one.is_stopped for one in heartbeats.latest(tx) if one.part == "worker"] == [True]


def test_closing_ends_its_threads_and_gives_its_files_back(home: Path) -> None:
    settings = settings_for(home)
    threads, files = threading.active_count(), open_files(home)
    with hand(settings):
        assert open_files(home) > files
    wait_until(lambda: threading.active_count() <= threads)
    assert open_files(home) == files


def open_files(home: Path) -> int:
    held = []
    for one in Path("/proc/self/fd").iterdir():
        try:
            held.append(str(one.readlink()))
        except FileNotFoundError:  # The listing's own.
            continue
    return sum(path.startswith(str(home)) for path in held)


BREAKS = {
    "unavailable": ("ALTER TABLE heartbeats RENAME TO away", "ALTER TABLE away RENAME TO heartbeats", "work.failed"),
    "broken": (
        "CREATE TRIGGER full BEFORE UPDATE ON heartbeats BEGIN SELECT RAISE(ABORT, 'a fault of ours'); END",
        "DROP TRIGGER full",
        "work.broken",
    ),
}


@pytest.mark.parametrize("how", BREAKS)
def test_whatever_goes_wrong_in_the_timer_it_goes_on(here: Here, how: str) -> None:
    breaking, mending, event = BREAKS[how]
    with structlog.testing.capture_logs() as logged, hand(here.settings):
        change(here.daemon.db, breaking)
        wait_until(lambda: event in [line["event"] for line in logged])
        open_case(here)
        change(here.daemon.db, mending)
        wait_until(lambda: len(here.pagerduty.account.incidents) == 1)


def change(db: Database, statement: str) -> None:
    with db.write() as tx:
        tx.execute(text(statement))


@pytest.mark.parametrize(
    ("breaking", "error"),
    [
        ("ALTER TABLE heartbeats RENAME TO away", Unavailable),
        ("UPDATE alembic_version SET version_num = '9999'", Misconfigured),
        ("DROP TABLE keyring", Unavailable),
    ],
)
def test_a_hand_that_cannot_start_leaves_nothing_open(home: Path, breaking: str, error: type[Exception]) -> None:
    """It is tried again every few seconds, for as long as it takes."""
    settings = settings_for(home)
    with closing(database(settings)) as db:
        change(db, breaking)
    threads = threading.active_count()
    for _ in range(3):
        with pytest.raises(error):
            Hand(settings)
    assert open_files(home) == 0
    wait_until(lambda: threading.active_count() <= threads)


def test_its_timer_prunes_what_is_old_by_the_settings(home: Path) -> None:
    settings = settings_for(home, keep_hook_bodies_days=8, keep_deliveries_days="forever")
    with closing(database(settings)) as db:
        Attic([OldHook(9)] * 2, [], [OldDelivery(900)] * 2).fill(db)
        with hand(settings):
            wait_until(lambda: set(bodies(db).values()) == {b""})
        assert ids(db, table) == {1, 2}


def test_pruning_that_fails_keeps_nobody_from_working(here: Here) -> None:
    """Nor does it end the timer."""
    change(here.daemon.db, "ALTER TABLE upkeep RENAME TO away")
    with structlog.testing.capture_logs() as logged, hand(here.settings):
        wait_until(lambda: ("work.failed", "pruning") in [(line["event"], line.get("part")) for line in logged])
        open_case(here)
        wait_until(lambda: len(here.pagerduty.account.incidents) == 1)


def test_it_collects_evidence_where_that_is_switched_on(here: Here) -> None:
    """Beside everything else, and of no other account."""
    daemon = here.daemon
    setup = Setup(daemon.db, daemon.vault, daemon.clock, here.settings.outgoing())
    with hand(here.settings):
        assert not _collected(daemon.db)
        collected.switch(setup, "pagerduty", is_on=True, by="Ana")
        wait_until(lambda: Name.INCIDENTS in _collected(daemon.db))
        wait_until(lambda: _collected(daemon.db) == {*COURSES} - {Name.ROSTER})
        key = open_case(here)
        wait_until(lambda: bool(cases(here).get(key).incident_url))


def _collected(db: Database) -> set[str]:
    with db.read() as tx:
        now = db.now(tx)
        return {name for name in COURSES if collections.latest(tx, "pagerduty", name, now) is not None}
