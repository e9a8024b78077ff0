"""Everything the vault has sealed, in whichever table: the columns say so themselves, so that a new table is never forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, and_, func, select, update

from . import tables_of_answers  # noqa: F401  It has sealed values too, and whoever seals anew may not have met it.
from .database import Tx
from .tables_of_accounts import integrations

FOR, OPEN = "sealed_for", "is_open"  # in a binary column's info: what it is sealed for, or that it is no secret
_METADATA = integrations.metadata


@dataclass(frozen=True, slots=True)
class Place:
    table: Table
    column: Column[Any]
    purpose: str  # filled in from the row's own columns

    @property
    def name(self) -> str:
        return f"{self.table.name}.{self.column.name}"


@dataclass(frozen=True, slots=True)
class Value:
    key: tuple[Any, ...]
    purpose: str
    sealed: bytes


def places() -> list[Place]:
    return [Place(table, column, column.info[FOR]) for table, column in _binary() if FOR in column.info]


def undeclared() -> list[str]:
    """Binary columns that say neither what they are sealed for nor that they hold no secret: nobody could seal them anew."""
    return [f"{table.name}.{column.name}" for table, column in _binary() if not {FOR, OPEN} & set(column.info)]


def _binary() -> Iterator[tuple[Table, Column[Any]]]:
    for table in _METADATA.sorted_tables:
        yield from ((table, column) for column in table.columns if isinstance(column.type, LargeBinary))


def values(tx: Tx, place: Place) -> list[Value]:
    which = select(place.table).where(place.column.is_not(None)).order_by(*place.table.primary_key.columns)
    return [_value(place, row) for row in tx.execute(which).mappings()]


def others(tx: Tx, place: Place, beginning: bytes, *, skip: int, limit: int) -> list[Value]:
    """Those that do not begin so, locked until the end of this transaction; after so many that were passed over."""
    start = func.substr(place.column, 1, len(beginning), type_=LargeBinary)
    which = select(place.table).where(place.column.is_not(None), start != beginning)
    in_order = which.order_by(*place.table.primary_key.columns).offset(skip).limit(limit).with_for_update()
    return [_value(place, row) for row in tx.execute(in_order).mappings()]


def replace(tx: Tx, place: Place, value: Value, sealed: bytes) -> None:
    keys = zip(place.table.primary_key.columns, value.key, strict=True)
    row = and_(*(column == part for column, part in keys))
    # Whoever stored another credential meanwhile was later, and is right.
    tx.execute(update(place.table).where(row, place.column == value.sealed).values({place.column.name: sealed}))


def _value(place: Place, row: Any) -> Value:  # noqa: ANN401 - a row of any table
    key = tuple(row[column.name] for column in place.table.primary_key.columns)
    return Value(key, place.purpose.format_map(row), row[place.column.name])
