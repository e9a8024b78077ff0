"""Deliveries that a query finds, newest first, page by page. Rows that come in meanwhile move no page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal, select, tuple_

from syncd.core.query.measures import microseconds_of, moment_of
from syncd.core.query.terms import Query
from syncd.errors import Misconfigured
from syncd.store.columns import Moment, Serial
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .conditions import conditions

Row = dict[str, Any]
_TOKEN = re.compile(r"([0-9]{1,17})-([0-9]{1,18})")
_PLACE = (deliveries.c.recorded_at, deliveries.c.id)


@dataclass(frozen=True, slots=True)
class Place:
    """Of a row in the order of rows: what comes after it is older."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{microseconds_of(self.at)}-{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    rows: Sequence[Row]
    next: Place | None  # None: there are no more


def place(token: str) -> Place:
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise Misconfigured(f"after={token[:60]!r} is no place in a list; take it from the `next` of the page before.")
    return Place(moment_of(int(found[1])), int(found[2]))


def before(tx: Tx, number: int) -> Place:
    """Of a list that ended with this delivery; it may have been pruned since."""
    statement = select(*_PLACE).where(deliveries.c.id <= number).order_by(deliveries.c.id.desc()).limit(1)
    found = tx.execute(statement).one_or_none()
    if found is None:
        return Place(moment_of(0), 0)
    return Place(found[0], number if found[1] == number else found[1] + 1)


def page(
    tx: Tx, query: Query, now: datetime, *, limit: int, after: Place | None = None, within: Collection[str] = ()
) -> Page:
    wanted = [*conditions(tx, query, now, within), *older_than(after)]
    # One more than asked for tells whether there is a next page.
    statement = select(deliveries).where(*wanted).order_by(*newest_first()).limit(limit + 1)
    rows = [dict(row) for row in tx.execute(statement).mappings()]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(rows[:limit], None if last is None else Place(last["recorded_at"], last["id"]))


def newest_first() -> Sequence[ColumnElement[Any]]:
    return [column.desc() for column in _PLACE]


def older_than(after: Place | None) -> list[ColumnElement[bool]]:
    if after is None:
        return []
    return [tuple_(*_PLACE) < tuple_(literal(after.at, Moment), literal(after.id, Serial))]
