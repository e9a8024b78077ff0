"""Who renews an account's OAuth token: one process at a time, and never for longer than its lease. Its row must be locked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, update

from .database import Tx
from .tables_of_accounts import integrations


def take(tx: Tx, slug: str, now: datetime, until: datetime) -> bool:
    """False while somebody else does."""
    is_free = or_(integrations.c.refreshing_until.is_(None), integrations.c.refreshing_until <= now)
    mine = integrations.c.slug == slug
    return tx.execute(update(integrations).where(mine, is_free).values(refreshing_until=until)).rowcount == 1


def end(tx: Tx, slug: str, until: datetime) -> None:
    """Unless the lease ran out and is somebody else's by now."""
    mine = (integrations.c.slug == slug) & (integrations.c.refreshing_until == until)
    tx.execute(update(integrations).where(mine).values(refreshing_until=None))
