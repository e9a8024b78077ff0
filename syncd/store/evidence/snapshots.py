"""Snapshots: answers as they were given. They are added, numbered for each account without a hole, and stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, text

from syncd.store.columns import storable
from syncd.store.database import Tx
from syncd.store.tables_of_answers import evidence_snapshots as snapshots


@dataclass(frozen=True, slots=True)
class Snapshot:
    integration: str
    number: int
    known_at: datetime
    window_start: datetime
    window_end: datetime
    made_at: datetime
    asked_by: str
    fingerprint: str
    manifest: bytes
    sha256: str
    previous: str
    signature: bytes
    report: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """What a list of them shows."""

    integration: str
    number: int
    window_start: datetime
    window_end: datetime
    made_at: datetime
    asked_by: str
    fingerprint: str
    sha256: str


_SHOWN = ("integration", "number", "window_start", "window_end", "made_at", "asked_by", "fingerprint", "sha256")


def hold(tx: Tx) -> None:
    """Until the end of this transaction nobody else adds one: two must not follow the same."""
    # A writing transaction of SQLite is alone anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE evidence_snapshots IN SHARE ROW EXCLUSIVE MODE"))


def newest(tx: Tx, slug: str) -> Snapshot | None:
    which = select(snapshots).where(snapshots.c.integration == slug).order_by(snapshots.c.number.desc()).limit(1)
    row = tx.execute(which).one_or_none()
    return None if row is None else _snapshot(row)


def add(tx: Tx, one: Snapshot) -> int:
    kept = {each.name: getattr(one, each.name) for each in fields(one)}
    new = insert(snapshots).values(**{**kept, "asked_by": storable(one.asked_by)})
    return tx.execute(new.returning(snapshots.c.id)).scalar_one()


def get(tx: Tx, slug: str, number: int) -> Snapshot | None:
    which = (snapshots.c.integration == slug, snapshots.c.number == number)
    row = tx.execute(select(snapshots).where(*which)).one_or_none()
    return None if row is None else _snapshot(row)


def listing(tx: Tx, slug: str = "") -> Sequence[Line]:
    """Newest first."""
    which = select(*(snapshots.c[name] for name in _SHOWN)).order_by(snapshots.c.id.desc())
    if slug:
        which = which.where(snapshots.c.integration == slug)
    return [Line(*row) for row in tx.execute(which)]


def in_order(tx: Tx, slug: str = "") -> Iterator[Snapshot]:
    """Each account's, the first first; one at a time, since each has a whole report."""
    which = select(snapshots.c.integration, snapshots.c.number)
    if slug:
        which = which.where(snapshots.c.integration == slug)
    for account, number in tx.execute(which.order_by(snapshots.c.integration, snapshots.c.number)).all():
        found = get(tx, account, number)
        if found is not None:
            yield found


def _snapshot(row: Row[*tuple[Any, ...]]) -> Snapshot:
    return Snapshot(*(getattr(row, each.name) for each in fields(Snapshot)))
