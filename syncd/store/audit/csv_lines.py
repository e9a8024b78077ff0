"""All that a query finds, as lines of CSV that the database writes: Python would read 31 values of each only to join them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Double, String, and_, case, func, literal, null, or_, select

from syncd.core.query.terms import Query
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .export import AT_ONCE, KEPT, Line, Reading, looks, plain, values
from .pages import newest_first

#: Python and both databases spell these in three ways; they are Python's to write.
_SPELT_OTHERWISE = [column for column in KEPT if isinstance(column.type, Double)]
_TEMPLATE = ",".join(["%s"] * len(KEPT))


def csv_lines(
    reading: Reading,
    query: Query,
    now: datetime,
    again: Callable[[str], bool],
    *,
    within: Collection[str] = (),
    at_once: int = AT_ONCE,
) -> Iterator[Sequence[str | Line]]:
    """A line without its end for each row, or the row's values: where `again` is true of the line, or only Python can write it."""
    for found in looks(reading, query, now, within, at_once, partial(_written, again)):
        yield [line for _, _, line in found]


def _written(again: Callable[[str], bool], tx: Tx, wanted: ColumnElement[bool], at_most: int) -> Sequence[Line]:
    place = (deliveries.c.id, plain(tx, deliveries.c.recorded_at))
    statement = select(*place, _line(tx)).where(wanted).order_by(*newest_first()).limit(at_most)
    found = tx.execute(statement).all()
    unfit = {number for number, _, line in found if line is None or again(line)}
    if not unfit:
        return found
    instead = {row[0]: row for row in values(tx, and_(wanted, deliveries.c.id.in_(unfit)), at_most)}
    # Whatever has been pruned since is in the list no more.
    return [
        (number, at, instead.get(number, line))
        for number, at, line in found
        if number not in unfit or number in instead
    ]


def _line(tx: Tx) -> ColumnElement[Any]:
    write = func.printf if tx.dialect.name == "sqlite" else func.format
    line = write(_TEMPLATE, *(_cell(tx, column) for column in KEPT))
    return case((and_(*(column.is_(None) for column in _SPELT_OTHERWISE)), line), else_=null())


def _cell(tx: Tx, column: ColumnElement[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, String):
        return plain(tx, column)
    at = func.instr if tx.dialect.name == "sqlite" else func.strpos
    quoted = literal('"') + func.replace(column, '"', '""') + literal('"')
    return case((or_(at(column, ",") > 0, at(column, '"') > 0), quoted), else_=column)
