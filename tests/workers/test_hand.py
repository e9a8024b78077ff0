"""One worker process's hand: it works without broker and beat, survives what goes wrong around it, and ends in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import structlog
from redis import Redis
from sqlalchemy import text

from syncd.core.shard import SHARDS
from syncd.errors import Misconfigured, Unavailable
from syncd.flow.drain import Crew, Drained
from syncd.simulator import Fault
from syncd.store import deliveries, errands, heartbeats
from syncd.store.cases import Cases, NewCase
from syncd.store.cases import Hand as Person
from syncd.store.database import Database
from syncd.wiring import database, limits
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


def due(made: Hand) -> frozenset[int]:
    return made.sweep()


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


class Watched(Crew):
    """Notes whether its shard's mark stood when it began to look."""

    def watch(self, redis: Redis) -> list[bool]:
        self._redis = redis
        self._seen: list[bool] = []
        return self._seen

    def drain(self, shard: int) -> Drained:
        self._seen.append(bool(self._redis.exists(mark(shard))))
        return super().drain(shard)


def test_a_drain_clears_its_mark_before_it_looks(home: Path, redis_url: str) -> None:
    """What is written after the look must be able to ring again."""
    with rung(home, redis_url) as (_, made, redis):
        made.crew.close(0)
        daemon = made.daemon
        made.crew = crew = Watched(daemon.db, daemon.connections, daemon.clock, limits(daemon.settings))
        seen = crew.watch(redis)
        daemon.bell.ring([3])
        wait_until(lambda: bool(redis.exists(mark(3))))
        made.drain(3)
        assert seen == [False]
        assert not redis.exists(mark(3)), "and nothing was left to ring for"


def test_a_drain_that_had_to_stop_rings_for_itself(home: Path, redis_url: str) -> None:
    with rung(home, redis_url, drain_slice_s=0.01, sweep_s=60) as (here, made, redis):
        here.pagerduty.faults.lay(Fault(delay_s=0.5))
        open_case(here)
        (shard,) = made.sweep()
        made.drain(shard)
        wait_until(lambda: bool(redis.exists(mark(shard))))


def test_a_drain_rings_for_the_shards_it_gave_work_to(home: Path, redis_url: str) -> None:
    with rung(home, redis_url) as (here, made, redis):
        shards = set()
        for _ in range(6):
            open_case(here)
        for shard in made.sweep():
            made.drain(shard)
            shards |= {one for one in range(SHARDS) if redis.exists(mark(one))}
        assert shards, "an errand's shard is its link's, which is seldom that of the hook"


def test_what_nobody_answers_the_ring_for_is_done_by_the_timer_itself(home: Path, redis_url: str) -> None:
    """A broker that takes every wake-up, and no worker behind it."""
    with rung(home, redis_url, sweep_s=0.02) as (here, _, redis):
        open_case(here)
        wait_until(lambda: len(here.pagerduty.account.incidents) == 1)
        assert redis.llen("syncd"), "it was rung for as well"


def test_closing_settles_what_is_on_its_way_back(home: Path) -> None:
    settings = settings_for(home, sweep_s=NEVER, drain_slice_s=0.01)
    with web(settings) as here:
        with hand(settings) as made:
            here.pagerduty.faults.lay(Fault(methods=("POST",), path="/incidents", delay_s=0.4))
            open_case(here)
            for _ in range(3):
                for shard in sorted(due(made)):
                    made.drain(shard)
            assert states(here.daemon.db) == {"sending": 1}
            assert applied(here.daemon.db) == []
        assert states(here.daemon.db)["delivered"] == 1
        assert applied(here.daemon.db) == ["open"]
        assert len(here.pagerduty.account.incidents) == 1


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
    "unavailable": ("ALTER TABLE heartbeats RENAME TO away", "ALTER TABLE away RENAME TO heartbeats", "sweep.failed"),
    "broken": (
        "CREATE TRIGGER full BEFORE UPDATE ON heartbeats BEGIN SELECT RAISE(ABORT, 'a fault of ours'); END",
        "DROP TRIGGER full",
        "sweep.broken",
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
