"""All that a query finds, for a file: newest first, in short transactions, since whoever takes the rows may be slow.

Rows are only ever added, so that many short looks see what one long look would have seen. What comes in meanwhile is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Double, Integer, String, Text, and_, cast, func, literal, select
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
_Lines_co = TypeVar("_Lines_co", covariant=True)

KEPT = [column for column in deliveries.c if not isinstance(column.type, JSON)]
#: Without what was sent and answered: `deliveries show` has that of each.
NAMES = [column.name for column in KEPT]


@dataclass(frozen=True)  # Without slots, as it is generic.
class Look(Generic[_Lines_co]):
    """What one statement has found."""

    lines: _Lines_co
    rows: int
    last: Place | None  # None: there was none


Read = Callable[[Tx, ColumnElement[bool], int], Look[_Lines_co]]


class Kind(StrEnum):
    """What stands in a column, for a file that has types."""

    NUMBER = "number"
    FRACTION = "fraction"
    MOMENT = "moment"
    TEXT = "text"


def _kind(column: ColumnElement[Any]) -> Kind:
    match column.type:
        case Integer():
            return Kind.NUMBER
        case Double():
            return Kind.FRACTION
        case Moment():
            return Kind.MOMENT
        case String():
            return Kind.TEXT
        case other:
            message = f"a column of a type that no file knows yet: {other!r}"
            raise AssertionError(message)


KINDS = {column.name: _kind(column) for column in KEPT}


def count(tx: Tx, query: Query, now: datetime, within: Collection[str] = ()) -> int:
    statement = select(func.count()).select_from(deliveries).where(*conditions(tx, query, now, within))
    return tx.execute(statement).scalar_one()


def lines(
    reading: Reading, query: Query, now: datetime, *, within: Collection[str] = (), at_once: int = AT_ONCE
) -> Iterator[Sequence[Line]]:
    """Values in the order of `NAMES`; moments are text."""
    return looks(reading, query, now, within, at_once, values)


def looks(
    reading: Reading, query: Query, now: datetime, within: Collection[str], at_once: int, read: Read[_Lines_co]
) -> Iterator[_Lines_co]:
    """Each is read within a transaction of its own."""
    after: Place | None = None
    newest: Place | None = None
    while True:
        with reading() as tx:
            newest = newest or _newest(tx)
            wanted = and_(*conditions(tx, query, now, within), *older_than(after or newest))
            found = read(tx, wanted, at_once)
        if found.rows:
            yield found.lines
        if found.rows < at_once:
            return
        after = found.last


def values(tx: Tx, wanted: ColumnElement[bool], at_most: int) -> Look[Sequence[Line]]:
    """Every line begins with the number and the time of its row, as it is written."""
    statement = select(*(plain(tx, column) for column in KEPT)).where(wanted)
    found = tx.execute(statement.order_by(*newest_first()).limit(at_most)).all()
    return Look(found, len(found), place(found[-1][0], found[-1][1]) if found else None)


def place(number: int, at: str) -> Place:
    return Place(datetime.fromisoformat(at), number)


def plain(tx: Tx, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Moments are written by the database: a million of them are a matter of seconds otherwise."""
    if not isinstance(column.type, Moment):
        return column
    if tx.dialect.name == "sqlite":
        return func.replace(cast(column, Text), " ", "T") + literal("+00:00")
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')


def _newest(tx: Tx) -> Place:
    """No row that is committed later is found any more, as far as its time tells."""
    found = tx.execute(
        select(deliveries.c.recorded_at, deliveries.c.id).order_by(*newest_first()).limit(1)
    ).one_or_none()
    return Place(NEVER, 0) if found is None else Place(found[0], found[1] + 1)
