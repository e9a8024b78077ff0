"""Who looks at an account's webhook subscriptions now, and how they were found. One row for each account, taken by one at a time.

Whoever has taken it is known by the moment until which it is his: what somebody slower still wants to write is not written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects import postgresql, sqlite

from . import rests
from .database import Tx
from .tables_of_accounts import integrations, watches


@dataclass(frozen=True, slots=True)
class Watch:
    integration: str
    next_at: datetime
    checked_at: datetime | None
    troubles: Sequence[Mapping[str, str]]
    lost_since: datetime | None
    enabled_at: datetime | None
    pinged_at: datetime | None


def begin(tx: Tx, slug: str, next_at: datetime) -> None:
    """From then on it is looked at; nothing changes when it was before."""
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(watches).values(integration=slug, next_at=next_at, troubles=[])
    tx.execute(statement.on_conflict_do_nothing(index_elements=["integration"]))


def take(tx: Tx, now: datetime, until: datetime) -> Watch | None:
    """One that is due; nobody else takes the same one before `until`."""
    due = select(watches).where(watches.c.next_at <= now).order_by(watches.c.next_at).limit(1)
    row = tx.execute(due.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    tx.execute(update(watches).where(watches.c.integration == row.integration).values(next_at=until))
    return replace(_watch(row), next_at=until)


def write(tx: Tx, watch: Watch, **values: object) -> bool:
    """False when it is somebody else's by now; nothing was written then."""
    mine = (watches.c.integration == watch.integration, watches.c.next_at == watch.next_at)
    return tx.execute(update(watches).where(*mine).values(**values)).rowcount == 1


def put_off(tx: Tx, slug: str, until: datetime) -> None:
    """Whoever has it has it no more."""
    tx.execute(update(watches).where(watches.c.integration == slug).values(next_at=until))


def hasten(tx: Tx, slug: str, now: datetime) -> None:
    """It is looked at next. Whoever has it has it no more, since what he found may be over."""
    due = rests.not_before(integrations.c.slug == slug, now)
    mine = (watches.c.integration == slug, watches.c.next_at > due)
    tx.execute(update(watches).where(*mine).values(next_at=due))


def all_of(tx: Tx) -> dict[str, Watch]:
    return {row.integration: _watch(row) for row in tx.execute(select(watches).order_by(watches.c.integration))}


def _watch(row: Row[*tuple[Any, ...]]) -> Watch:
    return Watch(
        row.integration,
        row.next_at,
        row.checked_at,
        row.troubles,
        row.lost_since,
        row.enabled_at,
        row.pinged_at,
    )
