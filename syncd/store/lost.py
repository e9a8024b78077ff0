"""Attempts that nobody makes any more: their process is gone, or their lease ran out."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select

from syncd.core.lifecycle import ErrandState

from .columns import says
from .database import Tx
from .errands import StoredErrand, as_stored
from .tables import errands


def makers(tx: Tx) -> list[str]:
    """The processes that make attempts at this moment, as far as they are named."""
    which = select(errands.c.made_by).where(says(errands.c.state, ErrandState.SENDING), errands.c.made_by != "")
    return list(tx.scalars(which.distinct()))


def attempts(tx: Tx, now: datetime, gone: Collection[str] = (), limit: int = 100) -> list[StoredErrand]:
    """To be asked for again once their links are locked."""
    ran_out = errands.c.lease_until < now
    is_over = or_(ran_out, errands.c.made_by.in_(gone)) if gone else ran_out
    statement = (
        select(errands)
        .where(says(errands.c.state, ErrandState.SENDING), is_over)
        .order_by(errands.c.lease_until)
        .limit(limit)
    )
    return [as_stored(row) for row in tx.execute(statement)]
