"""Hooks that overtook the opening of their own link: they are planned once more when the link is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from syncd.core.lifecycle import ArrivalState

from .database import Tx
from .tables import arrivals, links


def replan(tx: Tx, source: str, record: str, now: datetime, younger_than: timedelta) -> list[int]:
    """Hooks that overtook our own opening of this record: the shards to wake for them."""
    return _replan(tx, and_(arrivals.c.source == source, arrivals.c.record == record), now, younger_than)


def replan_linked(tx: Tx, now: datetime, younger_than: timedelta) -> list[int]:
    """Unlinked hooks whose record has a link by now, whoever opened it: the shards to wake for them."""
    of_case = and_(links.c.case_system == arrivals.c.source, links.c.case_id == arrivals.c.record)
    of_incident = and_(links.c.integration == arrivals.c.source, links.c.incident_id == arrivals.c.record)
    # Two questions, so that each has its index.
    return _replan(tx, or_(exists().where(of_case), exists().where(of_incident)), now, younger_than)


def _replan(tx: Tx, which: ColumnElement[bool], now: datetime, younger_than: timedelta) -> list[int]:
    """Without waiting: who has one of them locked is planning it again already."""
    young = and_(arrivals.c.is_unlinked, arrivals.c.received_at >= now - younger_than, which)
    free = select(arrivals.c.id).where(young).with_for_update(skip_locked=True, of=arrivals)
    statement = (
        update(arrivals)
        .where(arrivals.c.id.in_(free))
        .values(state=ArrivalState.NEW, is_unlinked=False, next_at=now)
        .returning(arrivals.c.shard)
    )
    return sorted(set(tx.scalars(statement)))
