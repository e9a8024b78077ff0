"""Up to where an account has been looked over without a gap: in its lists of changes, and record by record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, literal, select, update

from .columns import Moment
from .database import Tx
from .tables_of_accounts import integrations

_LISTED = func.coalesce(integrations.c.listed_until, integrations.c.created_at)
_READ = func.coalesce(integrations.c.read_until, integrations.c.created_at)


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the next look begins. Before an account was added there was nothing to look for."""

    listed_until: datetime
    read_until: datetime  # also where no list shows a change


def of(tx: Tx, slug: str) -> Marks:
    columns = (integrations.c.listed_until, integrations.c.read_until, integrations.c.created_at)
    listed_until, read_until, added_at = tx.execute(select(*columns).where(integrations.c.slug == slug)).one()
    return Marks(listed_until or added_at, read_until or added_at)


def move(tx: Tx, slug: str, since: datetime, until: datetime, *, is_deep: bool) -> None:
    """A look has come to its end. One that began after a mark leaves a gap behind it, which is still to be looked for."""
    tx.execute(update(integrations).where(integrations.c.slug == slug).values(**_moved(since, until, is_deep=is_deep)))


def _moved(since: datetime, until: datetime, *, is_deep: bool) -> dict[str, object]:
    moved = {"listed_until": _LISTED, "read_until": _READ} if is_deep else {"listed_until": _LISTED}
    then = literal(until, Moment())
    return {name: case(((mark >= since) & (mark < until), then), else_=mark) for name, mark in moved.items()}
