"""Which user of an account an e-mail address belongs to, as it was last asked: never a request for each write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from .database import Tx
from .tables_of_people import authors


@dataclass(frozen=True, slots=True)
class KeptAuthor:
    email: str
    user_id: str
    login: str
    name: str
    why_not: str
    asked_at: datetime
    until: datetime


def get(tx: Tx, slug: str, email: str, now: datetime) -> KeptAuthor | None:
    """None: nobody has asked, or not lately."""
    statement = select(authors).where(authors.c.integration == slug, authors.c.email == _key(email))
    row = tx.execute(statement.where(authors.c.until > now)).one_or_none()
    return None if row is None else _kept(row)


def keep(tx: Tx, slug: str, one: KeptAuthor) -> None:
    values = {
        "user_id": one.user_id,
        "login": one.login,
        "name": one.name,
        "why_not": one.why_not,
        "asked_at": one.asked_at,
        "until": one.until,
    }
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(authors).values(integration=slug, email=_key(one.email), **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["integration", "email"], set_=values))


def since(tx: Tx, slug: str, moment: datetime) -> Sequence[KeptAuthor]:
    """Those asked for since then, the last first."""
    statement = select(authors).where(authors.c.integration == slug, authors.c.asked_at >= moment)
    return [_kept(row) for row in tx.execute(statement.order_by(authors.c.asked_at.desc(), authors.c.email))]


def forget(tx: Tx, slug: str) -> None:
    tx.execute(delete(authors).where(authors.c.integration == slug))


def _key(email: str) -> str:
    return email.lower()[:255]


def _kept(row: Row[*tuple[str, ...]]) -> KeptAuthor:
    return KeptAuthor(row.email, row.user_id, row.login, row.name, row.why_not, row.asked_at, row.until)
