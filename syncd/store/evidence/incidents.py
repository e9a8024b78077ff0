"""Incidents as they were found. What was found later takes the place of what was found before, which stays for whoever asks back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, false, insert, or_, select, update

from syncd.store.columns import storable
from syncd.store.database import Tx
from syncd.store.tables_of_evidence import evidence_incidents as kept

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    incident: str
    created_at: datetime
    is_open: bool
    is_settled: bool
    stamp: str
    log_stamp: str
    log_until: datetime | None
    found: Mapping[str, Any]


def put(tx: Tx, slug: str, collection: int, some: Sequence[Found]) -> None:
    """Also of a collecting that is gone through again: then they stand there as they are."""
    names = [one.incident for one in some]
    if not names:
        return
    mine = (kept.c.integration == slug, kept.c.incident.in_(names))
    tx.execute(delete(kept).where(*mine, kept.c.collection == collection))
    tx.execute(update(kept).where(*mine, kept.c.replaced_by.is_(None)).values(replaced_by=collection))
    tx.execute(insert(kept), [_row(slug, collection, one) for one in some])


def _row(slug: str, collection: int, one: Found) -> dict[str, Any]:
    return {
        "integration": slug,
        "incident": storable(one.incident),
        "collection": collection,
        "replaced_by": None,
        "created_at": one.created_at,
        "is_open": one.is_open,
        "is_settled": one.is_settled,
        "stamp": one.stamp,
        "log_stamp": one.log_stamp,
        "log_until": one.log_until,
        "found": dict(one.found),
    }


def unsettled(tx: Tx, slug: str, before: int) -> list[Found]:
    """As collectings before this one left them. What one has found that did not come to its end counts for nothing."""
    which = select(kept).where(_as_of(slug, before - 1), kept.c.is_settled == false())
    return [_read(row) for row in tx.execute(which.order_by(kept.c.created_at, kept.c.incident))]


def some(tx: Tx, slug: str, before: int, names: Collection[str]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    wanted = sorted(names)
    for at in range(0, len(wanted), _AT_ONCE):
        mine = kept.c.incident.in_(wanted[at : at + _AT_ONCE])
        found |= {row.incident: _read(row) for row in tx.execute(select(kept).where(_as_of(slug, before - 1), mine))}
    return found


def begun_since(tx: Tx, slug: str, before: int, since: datetime) -> list[datetime]:
    """When those began that are known, in their order."""
    which = select(kept.c.created_at).where(_as_of(slug, before - 1), kept.c.created_at >= since)
    return list(tx.scalars(which.order_by(kept.c.created_at)))


def within(tx: Tx, slug: str, up_to: int, start: datetime, end: datetime) -> Iterator[Found]:
    """Those that began then, as they were known after this collecting."""
    between = (kept.c.created_at >= start, kept.c.created_at <= end)
    for row in tx.execute(
        select(kept).where(_as_of(slug, up_to), *between).order_by(kept.c.created_at, kept.c.incident)
    ):
        yield _read(row)


def open_ones(tx: Tx, slug: str, up_to: int) -> list[Found]:
    which = select(kept).where(_as_of(slug, up_to), kept.c.is_open)
    return [_read(row) for row in tx.execute(which.order_by(kept.c.created_at, kept.c.incident))]


def _as_of(slug: str, up_to: int) -> ColumnElement[bool]:
    is_last = or_(kept.c.replaced_by.is_(None), kept.c.replaced_by > up_to)
    return and_(kept.c.integration == slug, kept.c.collection <= up_to, is_last)


def _read(row: Row[Any]) -> Found:
    return Found(
        row.incident,
        row.created_at,
        row.is_open,
        row.is_settled,
        row.stamp,
        row.log_stamp,
        row.log_until,
        row.found,
    )
