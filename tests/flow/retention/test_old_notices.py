"""Notices that are over go with the age of deliveries, and with them all that was told of them. What stands, stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from syncd.clock import StoppedClock
from syncd.flow.retention.pruning import LATER, Policy, prune
from syncd.store import legal_holds, notices
from syncd.store.database import Database
from syncd.store.retention import Kept
from syncd.store.tables_of_signals import telling_attempts, tellings
from tests.store.ledger import NOON

AGE = timedelta(days=400)
POLICY = Policy({Kept.NOTICES: AGE})


@pytest.fixture
def old(database_url: str) -> Iterator[Database]:
    made = Database(database_url, StoppedClock(NOON), is_alone=True)
    yield made
    made.close()


def forward(db: Database, by: timedelta) -> None:
    assert isinstance(db.clock, StoppedClock)
    db.clock.forward(by.total_seconds())


def raised(db: Database, cause: str) -> int:
    """And told."""
    with db.write() as tx:
        now = db.now(tx)
        number = notices.raise_(tx, "link.stuck", cause, "It waits.", "Look.", now)
        notices.queue(tx, number, ["webhook"], notices.OPENED, now)
        told = notices.take(tx, ["webhook"], now, now + timedelta(minutes=1))
        assert told is not None
        notices.end(tx, told, notices.TOLD, "", now)
    return number


def over(db: Database, number: int, *channels: str) -> None:
    with db.write() as tx:
        notices.clear(tx, number, db.now(tx))
        notices.queue(tx, number, channels, notices.CLEARED, db.now(tx))


def left(db: Database) -> list[str]:
    with db.read() as tx:
        return sorted(one.cause for one in notices.listing(tx, 100))


def told(db: Database) -> tuple[int, int]:
    with db.read() as tx:
        counted = [
            tx.execute(select(func.count()).select_from(one)).scalar_one() for one in (tellings, telling_attempts)
        ]
    return counted[0], counted[1]


def run(db: Database) -> dict[str, int]:
    forward(db, LATER)
    return dict(prune(db, POLICY, lambda _: False, batch=2))


def test_those_that_are_over_for_so_long_go_with_what_was_told_of_them(old: Database) -> None:
    for cause in ("a", "b", "c"):
        over(old, raised(old, cause))
    raised(old, "stands")
    forward(old, AGE - timedelta(days=1))
    assert run(old) == {}
    over(old, raised(old, "young"))
    forward(old, timedelta(days=2))
    assert run(old) == {"notices": 3}
    assert left(old) == ["stands", "young"]
    assert told(old) == (2, 2)


def test_the_newest_stays_since_its_number_would_be_given_out_again(old: Database) -> None:
    over(old, raised(old, "a"))
    over(old, raised(old, "b"))
    forward(old, AGE + timedelta(days=1))
    assert run(old) == {"notices": 1}
    assert left(old) == ["b"]
    assert raised(old, "c") > 2


def test_one_that_somebody_is_just_being_told_of_waits(old: Database) -> None:
    number = raised(old, "a")
    raised(old, "stands")
    over(old, number, "webhook")
    forward(old, AGE + timedelta(days=1))
    with old.write() as tx:
        taken = notices.take(tx, ["webhook"], old.now(tx), old.now(tx) + timedelta(hours=1))
    assert taken is not None
    assert run(old) == {"notices": 0}
    with old.write() as tx:
        notices.end(tx, taken, notices.TOLD, "", old.now(tx))
    assert run(old) == {"notices": 1}
    assert left(old) == ["stands"]


def test_what_a_channel_that_was_unset_never_heard_is_kept_from_nobody(old: Database) -> None:
    over(old, raised(old, "a"), "mail")
    raised(old, "stands")
    forward(old, AGE + timedelta(days=1))
    assert run(old) == {"notices": 1}


def test_a_legal_hold_forbids_it(old: Database) -> None:
    over(old, raised(old, "a"))
    raised(old, "stands")
    with old.write() as tx:
        legal_holds.place(tx, by="Ana", why="Matter 7", now=old.now(tx))
    forward(old, AGE + timedelta(days=1))
    assert run(old) == {}
    assert left(old) == ["a", "stands"]
