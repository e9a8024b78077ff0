"""When each account is asked next about all that is needed of it. One row for each, taken by one process at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from .columns import Moment
from .database import Tx
from .tables_of_accounts import diagnoses

AT_MOST_EVERY = timedelta(minutes=1)  # however often a refusal is met


@dataclass(frozen=True, slots=True)
class Due:
    integration: str
    until: datetime  # until then it is his who has taken it


def known(tx: Tx) -> dict[str, datetime]:
    return {row.integration: row.next_at for row in tx.execute(select(diagnoses))}


def begin(tx: Tx, slug: str, next_at: datetime) -> None:
    """From then on; nothing changes when it was before."""
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(diagnoses).values(integration=slug, next_at=next_at)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["integration"]))


def take(tx: Tx, now: datetime, until: datetime) -> Due | None:
    """One that is due; nobody else takes the same one before `until`."""
    due = select(diagnoses).where(diagnoses.c.next_at <= now).order_by(diagnoses.c.next_at).limit(1)
    row = tx.execute(due.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    mine = diagnoses.c.integration == row.integration
    tx.execute(update(diagnoses).where(mine).values(next_at=until, begun_at=now))
    return Due(row.integration, until)


def end(tx: Tx, due: Due, next_at: datetime) -> bool:
    """False when it is somebody else's by now, or was hastened meanwhile."""
    mine = (diagnoses.c.integration == due.integration, diagnoses.c.next_at == due.until)
    return tx.execute(update(diagnoses).where(*mine).values(next_at=next_at)).rowcount == 1


def hasten(tx: Tx, slug: str, now: datetime) -> None:
    """It is asked next, at most once a minute."""
    begin(tx, slug, now)
    begun, again = diagnoses.c.begun_at, now + AT_MOST_EVERY
    is_recent = begun > now - AT_MOST_EVERY
    at = case((is_recent, literal(again, Moment())), else_=literal(now, Moment()))
    is_earlier = or_(diagnoses.c.next_at > again, ~is_recent & (diagnoses.c.next_at > now), begun.is_(None))
    tx.execute(update(diagnoses).where(diagnoses.c.integration == slug, is_earlier).values(next_at=at))


def ask(tx: Tx, slug: str, now: datetime) -> None:
    """By the next sweep, however recently it was asked: somebody has given it another credential."""
    begin(tx, slug, now)
    tx.execute(update(diagnoses).where(diagnoses.c.integration == slug).values(next_at=now))


def forget(tx: Tx, slug: str) -> None:
    tx.execute(delete(diagnoses).where(diagnoses.c.integration == slug))
