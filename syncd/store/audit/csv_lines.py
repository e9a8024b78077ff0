"""All that a query finds, as lines of CSV that the database writes: Python would read 31 values of each only to join them again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    Select,
    String,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from syncd.core.query.terms import Query
from syncd.store.database import Tx
from syncd.store.tables import deliveries

from .export import AT_ONCE, KEPT, Line, Look, Reading, looks, place, plain, values
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
    """Lines without their last end, many in one text; or a row's values: where `again` is true of its line, or only Python can write it.

    `again` is asked of many lines at once as well, put together without their ends, and is true of those if it is of one of them.
    """
    yield from looks(reading, query, now, within, at_once, partial(_written, again))


def _written(
    again: Callable[[str], bool], tx: Tx, wanted: ColumnElement[bool], at_most: int
) -> Look[Sequence[str | Line]]:
    """In one text, where nothing is the matter with any of it: line by line costs Python more than the database that writes them."""
    found = _in_one_text(tx, wanted, at_most) if tx.dialect.name == "postgresql" else _one_by_one(tx, wanted, at_most)
    lines = found.lines.split("\n")
    if len(lines) != found.rows:  # One of them is broken into several.
        return values(tx, wanted, at_most)
    if all("," in line for line in lines) and not again("".join(lines)):
        return Look([found.lines], found.rows, found.last)
    unfit = {int(line.partition(",")[0]) for line in lines if "," not in line or again(line)}
    instead = {row[0]: row for row in values(tx, and_(wanted, deliveries.c.id.in_(unfit)), at_most).lines}
    ids = (int(line.partition(",")[0]) for line in lines)
    # Whatever has been pruned since is in the list no more.
    whole = [instead.get(one, line) for one, line in zip(ids, lines, strict=True) if one not in unfit or one in instead]
    return Look(whole, found.rows, found.last)


def _in_one_text(tx: Tx, wanted: ColumnElement[bool], at_most: int) -> Look[str]:
    each = _each(tx, wanted, at_most).subquery()  # Whose order PostgreSQL keeps, as nothing is joined to it.
    ids = func.array_agg(each.c.id, type_=ARRAY(BigInteger))
    rows, text, last, at = tx.execute(
        select(func.count(), func.string_agg(each.c.line, "\n"), ids[func.count()], func.min(each.c.at))
    ).one()
    return Look(text or "", rows, place(last, at) if rows else None)


def _one_by_one(tx: Tx, wanted: ColumnElement[bool], at_most: int) -> Look[str]:
    """SQLite's group_concat promises no order."""
    found = tx.execute(_each(tx, wanted, at_most)).all()
    text = "\n".join(line for _, _, line in found)
    return Look(text, len(found), place(found[-1][0], found[-1][1]) if found else None)


def _each(tx: Tx, wanted: ColumnElement[bool], at_most: int) -> Select[Any]:
    at = plain(tx, deliveries.c.recorded_at).label("at")
    return select(deliveries.c.id, at, _line(tx).label("line")).where(wanted).order_by(*newest_first()).limit(at_most)


def _line(tx: Tx) -> ColumnElement[Any]:
    """Its number alone, where only Python can write it."""
    write = func.printf if tx.dialect.name == "sqlite" else func.format
    line = write(_TEMPLATE, *(_cell(tx, column) for column in KEPT))
    return case((and_(*(column.is_(None) for column in _SPELT_OTHERWISE)), line), else_=cast(deliveries.c.id, Text))


def _cell(tx: Tx, column: ColumnElement[Any]) -> ColumnElement[Any]:
    if not isinstance(column.type, String):
        return plain(tx, column)
    at = func.instr if tx.dialect.name == "sqlite" else func.strpos
    quoted = literal('"') + func.replace(column, '"', '""') + literal('"')
    return case((or_(at(column, ",") > 0, at(column, '"') > 0), quoted), else_=column)
