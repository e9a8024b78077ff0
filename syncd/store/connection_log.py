"""The history of connections: who did what to one, what happened to it, and when. Rows are never changed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from syncd.core.connection import ROTATED, Kind
from syncd.credential import unkeyed

from .columns import storable
from .database import Tx
from .tables_of_accounts import connection_events


@dataclass(frozen=True, slots=True)
class Event:
    id: int
    integration: str
    at: datetime
    kind: Kind
    by: str
    code: str
    detail: str


def add(tx: Tx, slug: str, kind: Kind, *, now: datetime, by: str = "", code: str = "", detail: str = "") -> None:
    detail = detail.removeprefix(f"{code}: ") if code else detail  # It stands beside it already.
    values = {"integration": slug, "at": now, "kind": kind, "code": code}
    tx.execute(insert(connection_events).values(**values, by=storable(by), detail=storable(unkeyed(detail))))


def listing(
    tx: Tx, slug: str = "", *, before: int | None = None, limit: int = 100, within: Collection[str] = ()
) -> Sequence[Event]:
    """Newest first; of one account, of those in `within`, or of all. `before`: the id that the page before ended with."""
    which = select(connection_events).order_by(connection_events.c.id.desc()).limit(limit)
    if slug:
        which = which.where(connection_events.c.integration == storable(slug))
    if within:
        which = which.where(connection_events.c.integration.in_(within))
    if before is not None:
        which = which.where(connection_events.c.id < before)
    return [_event(row) for row in tx.execute(which)]


def last_rotation(tx: Tx, slug: str) -> datetime | None:
    """When it was last given another key."""
    mine = (connection_events.c.integration == storable(slug), connection_events.c.detail == ROTATED)
    found = tx.execute(select(connection_events.c.at).where(*mine).order_by(connection_events.c.id.desc()).limit(1))
    return found.scalar_one_or_none()


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    return Event(row.id, row.integration, row.at, Kind(row.kind), row.by, row.code, row.detail)
