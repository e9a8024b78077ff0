"""Acceptances: who lives with what, until when and why. A row is added, withdrawn once, and never changed otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from syncd.store.columns import storable
from syncd.store.database import Tx
from syncd.store.tables_of_answers import evidence_acceptances as acceptances


@dataclass(frozen=True, slots=True)
class Accepted:
    id: int
    integration: str
    check: str
    subject: str
    at: datetime
    by: str
    until: datetime
    why: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    check: str
    by: str
    until: datetime
    why: str
    subject: str = ""


def add(tx: Tx, slug: str, wanted: Wanted, now: datetime) -> Accepted:
    said = {"accepted_by": storable(wanted.by), "why": storable(wanted.why), "subject": storable(wanted.subject)}
    new = insert(acceptances).values(
        integration=slug, check_id=wanted.check, accepted_at=now, until=wanted.until, **said
    )
    return _accepted(tx.execute(new.returning(acceptances)).one())


def get(tx: Tx, number: int) -> Accepted | None:
    row = tx.execute(select(acceptances).where(acceptances.c.id == number)).one_or_none()
    return None if row is None else _accepted(row)


def withdraw(tx: Tx, number: int, by: str, now: datetime) -> bool:
    """False: it had been withdrawn before."""
    mine = (acceptances.c.id == number, acceptances.c.withdrawn_at.is_(None))
    return (
        tx.execute(update(acceptances).where(*mine).values(withdrawn_at=now, withdrawn_by=storable(by))).rowcount == 1
    )


def all_of(tx: Tx, slug: str = "") -> Sequence[Accepted]:
    """Newest first, those that are over as well."""
    which = select(acceptances).order_by(acceptances.c.id.desc())
    if slug:
        which = which.where(acceptances.c.integration == slug)
    return [_accepted(row) for row in tx.execute(which)]


def standing(tx: Tx, slug: str, at: datetime) -> Sequence[Accepted]:
    """Those that had been given by then, and not withdrawn; that one has run out is told with it."""
    stood = or_(acceptances.c.withdrawn_at.is_(None), acceptances.c.withdrawn_at > at)
    which = (acceptances.c.integration == slug, acceptances.c.accepted_at <= at, stood)
    return [_accepted(row) for row in tx.execute(select(acceptances).where(*which).order_by(acceptances.c.id))]


def _accepted(row: Row[*tuple[Any, ...]]) -> Accepted:
    return Accepted(
        row.id,
        row.integration,
        row.check_id,
        row.subject,
        row.accepted_at,
        row.accepted_by,
        row.until,
        row.why,
        row.withdrawn_at,
        row.withdrawn_by,
    )
