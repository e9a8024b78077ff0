"""What is asked of the tables for one record's story: hooks that nobody has looked at yet, and those that its rows came of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from syncd.core.changes import Side
from syncd.core.lifecycle import ArrivalState

from .columns import says, says_one_of, storable
from .database import Tx
from .errands import LIVE
from .tables import arrivals, errands, links


@dataclass(frozen=True, slots=True)
class Trace:
    """A hook, by what is known of it without its body."""

    id: int
    source: str
    event_type: str
    record: str
    received_at: datetime
    attempt: int
    next_at: datetime
    is_held: bool
    replay_of: int | None = None  # the delivery that a person wants decided anew


_COLUMNS = (
    arrivals.c.id,
    arrivals.c.source,
    arrivals.c.event_type,
    arrivals.c.record,
    arrivals.c.received_at,
    arrivals.c.attempt,
    arrivals.c.next_at,
    arrivals.c.is_held,
    arrivals.c.replay_of,
)


def unplanned(tx: Tx, record: str, limit: int = 20) -> list[Trace]:
    """Hooks of this record, of whichever source, that are still to be planned; oldest first."""
    if not record:
        return []
    is_it = and_(arrivals.c.record == storable(record), says(arrivals.c.state, ArrivalState.NEW))
    return [Trace(*row) for row in tx.execute(select(*_COLUMNS).where(is_it).order_by(arrivals.c.id).limit(limit))]


def hooks(tx: Tx, ids: Collection[int]) -> Sequence[Trace]:
    if not ids:
        return []
    which = select(*_COLUMNS).where(arrivals.c.id.in_(sorted(ids))).order_by(arrivals.c.id)
    return [Trace(*row) for row in tx.execute(which)]


def queued(tx: Tx, slug: str, side: Side) -> int:
    """Changes that are still to be written to this account."""
    account = links.c.case_system if side is Side.CASE else links.c.integration
    live = and_(errands.c.side == side, says_one_of(errands.c.state, LIVE), account == slug)
    lined_up = select(func.count()).select_from(errands).join(links, links.c.id == errands.c.link_id)
    return tx.execute(lined_up.where(live)).scalar_one()
