"""The two tasks: what a message can do, and what it cannot; and a pool process that has no hand yet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import worker_process_init, worker_process_shutdown
from structlog.typing import EventDict

from syncd.core.shard import SHARDS
from syncd.queue import DRAIN, celery_app
from syncd.settings import Settings
from syncd.store.cases import Cases, NewCase
from syncd.store.cases import Hand as Person
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.wiring import database
from tests.waiting import wait_until
from tests.workers.onehand import settings_for, web
from tests.workers.test_hand import change
from workers import sync
from workers.sync import SWEEP, install

pytestmark = pytest.mark.usefixtures("signals_kept")
NEVER = 60.0
FORGED: list[object] = ["3", "x" * 10_000, None, True, -1, 16, 3.0, [3], {"shard": 3}]


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    with structlog.testing.capture_logs() as lines:
        yield lines


def began(settings: Settings) -> Celery:
    """As a process of the pool after its fork."""
    app = celery_app(settings)
    install(app, settings)
    worker_process_init.send(sender=None)
    return app


def events(logged: list[EventDict]) -> list[str]:
    return [line["event"] for line in logged]


@pytest.mark.parametrize("shard", FORGED, ids=lambda one: repr(one)[:20])
def test_a_forged_shard_is_a_line_and_nothing_more(home: Path, logged: list[EventDict], shard: object) -> None:
    app = began(settings_for(home, sweep_s=NEVER))
    with closing(database(settings_for(home))) as db:
        before = everything(db)
        app.tasks[DRAIN](shard)
        assert events(logged) == ["wake_up.refused"]
        assert len(logged[0]["said"]) <= 80
        assert everything(db) == before


@pytest.mark.parametrize(
    ("words", "named"), [((), {}), ((1, -2), {}), ((*range(SHARDS), 1), {}), ((), {"shard": 1}), ((1,), {"x": 1})]
)
def test_a_forged_call_is_a_line_too(
    home: Path, logged: list[EventDict], words: tuple[int, ...], named: dict[str, int]
) -> None:
    app = began(settings_for(home, sweep_s=NEVER))
    app.tasks[DRAIN](*words, **named)
    assert events(logged) == ["wake_up.refused"]


def everything(db: Database) -> list[str]:
    """Everything that stands in the database."""
    with db.engine.connect() as connection:
        plain = connection.connection.driver_connection
        assert plain is not None
        return list(plain.iterdump())


def test_a_shard_with_nothing_in_it_changes_nothing(home: Path, logged: list[EventDict]) -> None:
    app = began(settings_for(home, sweep_s=NEVER))
    with closing(database(settings_for(home))) as db:
        before = everything(db)
        app.tasks[DRAIN](3)
        assert (everything(db), logged) == (before, [])


def test_without_a_hand_a_wake_up_is_lost_and_no_more(home: Path, logged: list[EventDict]) -> None:
    settings = settings_for(home)
    app = celery_app(settings)
    install(app, settings)
    app.tasks[DRAIN](3)
    app.tasks[SWEEP]()
    assert logged == []


def test_an_outage_in_a_sweep_is_a_line(home: Path, logged: list[EventDict]) -> None:
    settings = settings_for(home, sweep_s=NEVER)
    app = began(settings)
    with closing(database(settings)) as db:
        change(db, "ALTER TABLE errands RENAME TO away")
        app.tasks[SWEEP]()
        change(db, "ALTER TABLE away RENAME TO errands")
    assert set(events(logged)) == {"task.failed"}
    assert "no such table" in logged[0]["error"]


def test_beat_is_seen_by_its_sweeps(home: Path) -> None:
    app = began(settings_for(home, sweep_s=NEVER))
    with closing(database(settings_for(home))) as db:
        assert parts(db) == {"worker"}
        app.tasks[SWEEP]()
        assert parts(db) == {"worker", "beat"}


def parts(db: Database) -> set[str]:
    with db.read() as tx:
        return {row[0] for row in tx.exec_driver_sql("SELECT part FROM heartbeats")}


def test_a_process_whose_database_is_not_there_takes_up_its_work_later(tmp_path: Path, logged: list[EventDict]) -> None:
    settings = settings_for(tmp_path)
    began(settings)
    wait_until(lambda: events(logged).count("worker.waits") > 2)
    assert sync._Process.hand is None
    with closing(database(settings)) as db:
        upgrade(db)
    wait_until(lambda: sync._Process.hand is not None)
    hand = sync._Process.hand
    worker_process_shutdown.send(sender=None, pid=0, exitcode=0)
    assert hand is not None
    assert hand._closing.is_set()
    assert sync._Process.hand is None, "a late wake-up finds nobody, rather than a closed database"


def test_a_workers_messages_can_wake_a_shard_and_nothing_else(
    home: Path, redis_url: str, logged: list[EventDict]
) -> None:
    """A real worker on a real broker, with a timer that stays away: what is applied was woken."""
    settings = settings_for(home, redis_url=redis_url, sweep_s=NEVER)
    with web(settings) as here:
        app = celery_app(settings)
        install(app, settings)
        with start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=20):
            wait_until(lambda: sync._Process.hand is not None)
            app.send_task("celery.map", args=[{"task": DRAIN}, [3]])
            app.send_task("os.system", args=["true"])
            app.send_task(DRAIN, args=["3; DROP TABLE errands"])
            app.send_task(DRAIN, kwargs={"shard": 3})
            cases = Cases(here.daemon.db, site=here.url, ring=here.daemon.bell.ring)
            cases.open(NewCase("Checkout is slow"), Person("Ana Lima", "cli"))
            wait_until(lambda: len(here.pagerduty.account.incidents) == 1)
        assert events(logged).count("wake_up.refused") == 2
        assert set(events(logged)) <= {"wake_up.refused", "schema.upgraded", "console.listening"}
