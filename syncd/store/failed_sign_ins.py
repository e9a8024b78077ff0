"""Sign-ins that failed, by whom was named and where it came from. Kept only as long as they slow anybody down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, select, text

from .columns import storable
from .database import Tx
from .tables_of_access import failed_sign_ins as failed


@dataclass(frozen=True, slots=True)
class Failures:
    count: int
    last: datetime | None


def hold(tx: Tx) -> None:
    """Until the end of this transaction nobody else counts: of many tried at once each has to see those before it."""
    # A writing transaction of SQLite is alone anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE failed_sign_ins IN SHARE ROW EXCLUSIVE MODE"))


def of_subject(tx: Tx, subject: str) -> Failures:
    return _counted(tx, failed.c.subject == subject)


def of_address(tx: Tx, address: str) -> Failures:
    return _counted(tx, failed.c.address == storable(address))


def _counted(tx: Tx, which: ColumnElement[bool]) -> Failures:
    count, last = tx.execute(select(func.count(), func.max(failed.c.at)).where(which)).one()
    return Failures(count, last)


def add(tx: Tx, subject: str, address: str, now: datetime) -> None:
    tx.execute(insert(failed).values(subject=subject, address=storable(address), at=now))


def forgive(tx: Tx, subject: str) -> None:
    tx.execute(delete(failed).where(failed.c.subject == subject))


def forget(tx: Tx, before: datetime) -> None:
    tx.execute(delete(failed).where(failed.c.at < before))
