"""Console users and their sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from .columns import storable
from .database import Tx
from .tables_of_access import console_sessions, users


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: str
    password: str  # its hash
    created_at: datetime
    created_by: str
    changed_at: datetime
    disabled_at: datetime | None
    disabled_by: str


def add(tx: Tx, *, name: str, role: str, password: str, by: str, now: datetime) -> None:
    values = {"name": storable(name), "role": role, "password": password, "created_by": storable(by)}
    tx.execute(insert(users).values(**values, created_at=now, changed_at=now))


def get(tx: Tx, name: str) -> User | None:
    row = tx.execute(select(users).where(users.c.name == storable(name))).one_or_none()
    return None if row is None else _user(row)


def is_still(tx: Tx, known: User) -> bool:
    """Whether this is who may sign in as he was read before: with the same password and role, and not disabled since.

    Until the transaction ends nobody changes that: whoever is about to has been waited for, or waits.
    """
    row = tx.execute(select(users).where(users.c.name == storable(known.name)).with_for_update()).one_or_none()
    if row is None:
        return False
    there = _user(row)
    return (there.password, there.role, there.disabled_at) == (known.password, known.role, known.disabled_at)


def listing(tx: Tx) -> Sequence[User]:
    return [_user(row) for row in tx.execute(select(users).order_by(users.c.name))]


def change_password(tx: Tx, name: str, password: str, now: datetime) -> None:
    tx.execute(update(users).where(users.c.name == name).values(password=password, changed_at=now))


def disable(tx: Tx, name: str, *, by: str, now: datetime) -> bool:
    """False: it was disabled before."""
    which = (users.c.name == name, users.c.disabled_at.is_(None))
    return tx.execute(update(users).where(*which).values(disabled_at=now, disabled_by=storable(by))).rowcount == 1


def begin_session(tx: Tx, digest: str, name: str, *, now: datetime, until: datetime) -> None:
    tx.execute(delete(console_sessions).where(console_sessions.c.until <= now))
    tx.execute(insert(console_sessions).values(digest=digest, user=name, began_at=now, until=until))


def signed_in(tx: Tx, digest: str, now: datetime) -> User | None:
    """Whose session this is, while both last."""
    lasts = (console_sessions.c.digest == digest, console_sessions.c.until > now, users.c.disabled_at.is_(None))
    which = select(users).join(console_sessions, console_sessions.c.user == users.c.name).where(*lasts)
    row = tx.execute(which).one_or_none()
    return None if row is None else _user(row)


def end_session(tx: Tx, digest: str) -> None:
    tx.execute(delete(console_sessions).where(console_sessions.c.digest == digest))


def end_sessions(tx: Tx, name: str) -> int:
    return tx.execute(delete(console_sessions).where(console_sessions.c.user == name)).rowcount


def _user(row: Row[*tuple[Any, ...]]) -> User:
    return User(
        row.name,
        row.role,
        row.password,
        row.created_at,
        row.created_by,
        row.changed_at,
        row.disabled_at,
        row.disabled_by,
    )
