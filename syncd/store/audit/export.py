"""All that a query finds, for a file: newest first, in short transactions, since whoever takes the rows may be slow.

Rows are only ever added, so that many short looks see what one long look would have seen. What comes in meanwhile is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, select
from sqlalchemy.sql.sqltypes import JSON

from syncd.core.query.terms import Query
from syncd.store.columns import Moment
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .conditions import conditions
from .pages import Place, newest_first, older_than

AT_ONCE = 5_000
NEVER = datetime.max.replace(tzinfo=UTC)  # there is no row, and so none is older than this
Reading = Callable[[], AbstractContextManager[Tx]]
Line = Sequence[Any]

_KEPT = [column for column in deliveries.c if not isinstance(column.type, JSON)]
#: Without what was sent and answered: `deliveries show` has that of each.
NAMES = [column.name for column in _KEPT]


def count(tx: Tx, query: Query, now: datetime, within: Collection[str] = ()) -> int:
    statement = select(func.count()).select_from(deliveries).where(*conditions(tx, query, now, within))
    return tx.execute(statement).scalar_one()


def lines(
    reading: Reading, query: Query, now: datetime, *, within: Collection[str] = (), at_once: int = AT_ONCE
) -> Iterator[Sequence[Line]]:
    """Values in the order of `NAMES`; moments are text."""
    after: Place | None = None
    newest: Place | None = None
    while True:
        with reading() as tx:
            newest = newest or _newest(tx)
            found = _read(tx, query, now, within, at_once, older_than(after or newest))
        if found:
            yield [row[2:] for row in found]
        if len(found) < at_once:
            return
        after = Place(found[-1][0], found[-1][1])


def _newest(tx: Tx) -> Place:
    """No row that is committed later is found any more, as far as its time tells."""
    found = tx.execute(
        select(deliveries.c.recorded_at, deliveries.c.id).order_by(*newest_first()).limit(1)
    ).one_or_none()
    return Place(NEVER, 0) if found is None else Place(found[0], found[1] + 1)


def _read(
    tx: Tx, query: Query, now: datetime, within: Collection[str], at_once: int, onwards: Sequence[ColumnElement[bool]]
) -> Sequence[Line]:
    columns = [_plain(tx, column) for column in _KEPT]
    wanted = [*conditions(tx, query, now, within), *onwards]
    place = (deliveries.c.recorded_at.label("place_at"), deliveries.c.id.label("place_id"))
    statement = select(*place, *columns).where(*wanted).order_by(*newest_first()).limit(at_once)
    return tx.execute(statement).all()


def _plain(tx: Tx, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Moments are written by the database: a million of them are a matter of seconds otherwise."""
    if not isinstance(column.type, Moment):
        return column
    if tx.dialect.name == "sqlite":
        return func.replace(cast(column, Text), " ", "T") + literal("+00:00")
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')
