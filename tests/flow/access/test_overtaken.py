"""What was true when a password was checked may not be any more when its session begins: hashing takes a quarter of a second."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from syncd.core.permissions import Role
from syncd.flow.access import passwords, people, signing_in
from syncd.store import users
from syncd.store.database import Database, Tx
from syncd.store.tables_of_access import console_sessions
from syncd.store.tables_of_access import users as table
from syncd.store.users import User
from tests.waiting import wait_until

NAME, OLD, NEW = "Dana Ruiz", "correct horse battery", "staple correct horse"
LASTS = timedelta(hours=12)


@pytest.fixture
def dana(db: Database) -> User:
    return people.add(db, name=NAME, role=Role.ADMIN, password=OLD, by="Ana Lima")


def checked(db: Database, password: str = OLD) -> User:
    found = signing_in.check(db, NAME, password, signing_in.begin(db, NAME, "here"))
    assert found is not None
    return found


def sessions(db: Database) -> int:
    with db.read() as tx:
        return tx.execute(select(func.count()).select_from(console_sessions)).scalar_one()


def _lowered(db: Database) -> None:
    with db.write() as tx:
        tx.execute(update(table).values(role=Role.VIEWER))


CHANGES: dict[str, Callable[[Database], object]] = {
    "another password": lambda db: people.change_password(db, NAME, NEW, by="Ana Lima"),
    "the same password again": lambda db: people.change_password(db, NAME, OLD, by="Ana Lima"),
    "disabled": lambda db: people.disable(db, NAME, by="Ana Lima"),
    "another role": _lowered,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whoever_was_checked_before_it_gets_no_session(
    db: Database, dana: User, change: Callable[[Database], object]
) -> None:
    thief = checked(db)
    change(db)
    assert signing_in.begin_session(db, thief, LASTS) is None
    assert sessions(db) == 0


def test_who_is_still_the_same_gets_one(db: Database, dana: User) -> None:
    carried = signing_in.begin_session(db, checked(db), LASTS)
    assert carried is not None
    caller = signing_in.of_session(db, carried)
    assert caller is not None
    assert (caller.name, caller.role) == (NAME, Role.ADMIN)


@contextmanager
def _being_changed(db: Database, kept: str) -> Iterator[Tx]:
    """Changed, and not committed before this is left."""
    with db.write() as tx:
        users.change_password(tx, NAME, kept, db.now(tx))
        users.end_sessions(tx, NAME)
        yield tx


def _waits(db: Database) -> bool:
    if db.is_sqlite:
        return True  # Its writers stand in a queue before they look at anything.
    with db.read() as tx:
        return bool(tx.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one())


def test_a_session_waits_for_a_change_that_is_being_committed(db: Database, dana: User) -> None:
    thief, kept, came = checked(db), passwords.hashed(NEW), list[str | None]()
    beginning = threading.Thread(target=lambda: came.append(signing_in.begin_session(db, thief, LASTS)))
    with _being_changed(db, kept):
        beginning.start()
        wait_until(lambda: _waits(db) or bool(came))
        assert came == []
    beginning.join(60)
    assert (came, sessions(db)) == ([None], 0)


def test_a_stolen_password_gives_no_other_once_it_was_taken_away(db: Database, dana: User) -> None:
    thief = checked(db)
    people.change_password(db, NAME, NEW, by="Ana Lima")
    assert people.change_own_password(db, thief, "the thief's own password") is None
    assert checked(db, NEW).name == NAME
    changed = people.change_own_password(db, checked(db, NEW), OLD)
    assert changed is not None
    assert changed == checked(db)
