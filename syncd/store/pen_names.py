"""Attempts that were made in somebody's name, so that what is heard of them is known as ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from syncd.core.changes import Field
from syncd.core.pen_name import REPEATED_FOR, PenName

from .columns import Moment
from .database import Tx
from .tables_of_people import pen_names


@dataclass(frozen=True, slots=True)
class Borrowed:
    """An attempt that is about to happen in this user's name."""

    errand_id: int
    attempt: int
    link_id: int
    user_id: str
    field: Field | None
    value: str


def add_many(tx: Tx, borrowed: Sequence[Borrowed], now: datetime) -> None:
    if borrowed:
        tx.execute(insert(pen_names), [_values(one, now) for one in borrowed])


def _values(one: Borrowed, now: datetime) -> dict[str, object]:
    return {
        "errand_id": one.errand_id,
        "attempt": one.attempt,
        "link_id": one.link_id,
        "user_id": one.user_id,
        "field": one.field or "",
        "value": one.value,
        "begun_at": now,
        "landed_by": None,
    }


def unmade(tx: Tx, errand_id: int, attempt: int) -> None:
    """Nothing was written in that name after all."""
    tx.execute(delete(pen_names).where(pen_names.c.errand_id == errand_id, pen_names.c.attempt == attempt))


def landed(tx: Tx, errand_id: int, at: datetime) -> None:
    """The record says at this moment of its own clock what has come of all attempts so far."""
    which = (pen_names.c.errand_id == errand_id, pen_names.c.landed_by.is_(None))
    tx.execute(update(pen_names).where(*which).values(landed_by=at))


def open_since(tx: Tx, errand_id: int) -> datetime | None:
    """When the last attempt of it at a field was begun of which nobody has seen what it came to."""
    open_ones = (pen_names.c.errand_id == errand_id, pen_names.c.landed_by.is_(None), pen_names.c.field != "")
    return tx.scalar(select(func.max(pen_names.c.begun_at, type_=Moment())).where(*open_ones))


def read(tx: Tx, link_id: int, *, begun_by: datetime, at: datetime) -> None:
    """The record says at this moment of its own clock what has come of all attempts that were begun by then."""
    which = (pen_names.c.link_id == link_id, pen_names.c.landed_by.is_(None), pen_names.c.begun_at <= begun_by)
    tx.execute(update(pen_names).where(*which).values(landed_by=at))


def of_link(tx: Tx, link_id: int, now: datetime) -> Sequence[PenName]:
    """Of fields, those that may still be heard of."""
    columns = (pen_names.c.user_id, pen_names.c.field, pen_names.c.value, pen_names.c.begun_at, pen_names.c.landed_by)
    which = (pen_names.c.link_id == link_id, pen_names.c.begun_at >= now - REPEATED_FOR)
    rows = tx.execute(select(*columns).where(*which, pen_names.c.field != ""))
    return [PenName(row[0], Field(row[1]), *row[2:]) for row in rows]


def users_of(tx: Tx, link_id: int) -> frozenset[str]:
    """Everybody in whose name something was perhaps written to this link's incident."""
    return frozenset(tx.scalars(select(pen_names.c.user_id).where(pen_names.c.link_id == link_id).distinct()))
