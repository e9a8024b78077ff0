"""Links for the first admin: one at a time, known by a digest, and gone when it was used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from .columns import storable
from .database import Tx
from .tables_of_access import first_admin_links as links


@dataclass(frozen=True, slots=True)
class Kept:
    digest: str
    until: datetime


def replace(tx: Tx, digest: str, *, by: str, now: datetime, until: datetime) -> None:
    """One that was made before opens nothing any more."""
    tx.execute(delete(links))
    tx.execute(insert(links).values(digest=digest, made_at=now, made_by=storable(by), until=until))


def standing(tx: Tx, now: datetime) -> list[Kept]:
    return [Kept(*row) for row in tx.execute(select(links.c.digest, links.c.until).where(links.c.until > now))]


def take(tx: Tx, digest: str) -> bool:
    """Whoever takes it first has it: on PostgreSQL the other waits here, and finds it gone."""
    return tx.execute(delete(links).where(links.c.digest == digest)).rowcount == 1


def forget(tx: Tx) -> None:
    tx.execute(delete(links))
