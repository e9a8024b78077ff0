"""Requests that are to be done once, however often they are sent: by digests of their keys, with what was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .database import Tx
from .tables_of_access import asked_once


@dataclass(frozen=True, slots=True)
class Asked:
    request: str
    begun_at: datetime
    status: int | None
    answer: bytes | None


def begin(tx: Tx, key: str, request: str, now: datetime) -> bool:
    """False: it was begun before. On PostgreSQL that waits for the one who begins it at this moment."""
    dialect = postgresql if tx.dialect.name == "postgresql" else sqlite
    new = dialect.insert(asked_once).values(key=key, request=request, begun_at=now)
    return tx.execute(new.on_conflict_do_nothing().returning(asked_once.c.key)).first() is not None


def get(tx: Tx, key: str) -> Asked | None:
    row = tx.execute(select(asked_once).where(asked_once.c.key == key)).one_or_none()
    return None if row is None else Asked(row.request, row.begun_at, row.status, row.answer)


def end(tx: Tx, key: str, status: int, answer: bytes | None) -> None:
    tx.execute(update(asked_once).where(asked_once.c.key == key).values(status=status, answer=answer))


def let_go(tx: Tx, key: str) -> None:
    """Nothing was done, so that it may be asked again."""
    tx.execute(delete(asked_once).where(asked_once.c.key == key))


def forget(tx: Tx, before: datetime, key: str = "") -> int:
    """All that are older than this, or that one."""
    old = delete(asked_once).where(asked_once.c.begun_at < before)
    return tx.execute(old.where(asked_once.c.key == key) if key else old).rowcount
