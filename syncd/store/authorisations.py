"""Authorisations that somebody was sent to give: each waits for one answer, and is known by the digest of its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from .columns import storable
from .database import Tx
from .tables_of_accounts import authorisations

_KEPT = timedelta(days=1)  # after its end, for whoever still waits for it


@dataclass(frozen=True, slots=True)
class Authorisation:
    digest: str
    integration: str
    sealed: bytes | None
    by: str
    expires_at: datetime
    state: str
    said: str


def add(tx: Tx, digest: str, slug: str, *, sealed: bytes, by: str, now: datetime, expires_at: datetime) -> None:
    """What nobody came back for goes, and its secret with it."""
    tx.execute(delete(authorisations).where(authorisations.c.expires_at < now - _KEPT))
    tx.execute(update(authorisations).where(authorisations.c.expires_at <= now).values(sealed=None))
    values = {"digest": digest, "integration": slug, "sealed": sealed, "by": storable(by), "state": "waiting"}
    tx.execute(insert(authorisations).values(**values, created_at=now, expires_at=expires_at))


def get(tx: Tx, digest: str) -> Authorisation | None:
    row = tx.execute(select(authorisations).where(authorisations.c.digest == digest)).one_or_none()
    return None if row is None else _authorisation(row)


def take(tx: Tx, digest: str, now: datetime) -> bytes | None:
    """What it is to be connected with, once: of two answers one is too late. None, too, when its time is over."""
    is_waiting = (authorisations.c.state == "waiting") & (authorisations.c.expires_at > now)
    mine = authorisations.c.digest == digest
    row = tx.execute(select(authorisations.c.sealed).where(mine, is_waiting).with_for_update()).one_or_none()
    if row is None:
        return None
    tx.execute(update(authorisations).where(mine).values(state="taken", sealed=None))
    sealed: bytes | None = row.sealed
    return sealed


def overdue(tx: Tx, now: datetime) -> list[Authorisation]:
    """Those whose time is over and that still wait; whoever has one of them in his hands is left alone."""
    is_over = (authorisations.c.state == "waiting") & (authorisations.c.expires_at <= now)
    rows = tx.execute(select(authorisations).where(is_over).with_for_update(skip_locked=True))
    return [_authorisation(row) for row in rows]


def end(tx: Tx, digest: str, said: str, *, is_done: bool) -> None:
    values = {"state": "done" if is_done else "failed", "said": storable(said), "sealed": None}
    tx.execute(update(authorisations).where(authorisations.c.digest == digest).values(**values))


def _authorisation(row: Row[*tuple[Any, ...]]) -> Authorisation:
    return Authorisation(row.digest, row.integration, row.sealed, row.by, row.expires_at, row.state, row.said)
