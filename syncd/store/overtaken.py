"""Hooks that overtook the opening of their own link: they are planned once more when the link is there."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from syncd.core.lifecycle import ArrivalState

from .columns import says
from .database import Tx
from .tables import arrivals, links


def replan(tx: Tx, source: str, record: str, now: datetime, younger_than: timedelta) -> list[int]:
    """Hooks that overtook our own opening of this record, and all that were kept for it: the shards to wake for them."""
    is_young = or_(arrivals.c.received_at >= now - younger_than, says(arrivals.c.state, ArrivalState.NEW))
    return _replan(tx, and_(arrivals.c.source == source, arrivals.c.record == record, is_young), now)


def replan_linked(tx: Tx, now: datetime, younger_than: timedelta) -> list[int]:
    """Unlinked hooks whose record has a link by now, whoever opened it: the shards to wake for them."""
    of_case = and_(links.c.case_system == arrivals.c.source, links.c.case_id == arrivals.c.record)
    of_incident = and_(links.c.integration == arrivals.c.source, links.c.incident_id == arrivals.c.record)
    is_young = arrivals.c.received_at >= now - younger_than
    # Two questions, so that each has its index.
    return _replan(tx, and_(is_young, or_(exists().where(of_case), exists().where(of_incident))), now)


def keep(tx: Tx, arrival_id: int, next_at: datetime) -> None:
    """It is planned again then, or as soon as its record's link is there. As one that was tried: nothing waits behind it."""
    tx.execute(
        update(arrivals)
        .where(arrivals.c.id == arrival_id, says(arrivals.c.state, ArrivalState.NEW))
        .values(attempt=arrivals.c.attempt + 1, next_at=next_at, is_behind=False, is_held=False, is_unlinked=True)
    )


def is_kept(tx: Tx, source: str, record: str, before: int) -> bool:
    """Whether a hook of this record that came in before that one waits for its link."""
    of_record = and_(arrivals.c.source == source, arrivals.c.record == record, arrivals.c.id < before)
    waits = and_(arrivals.c.is_unlinked, says(arrivals.c.state, ArrivalState.NEW), of_record)
    return tx.execute(select(arrivals.c.id).where(waits).limit(1)).first() is not None


def _replan(tx: Tx, which: ColumnElement[bool], now: datetime) -> list[int]:
    """Without waiting: who has one of them locked is planning it again already."""
    unlinked = and_(arrivals.c.is_unlinked, which)
    free = select(arrivals.c.id).where(unlinked).with_for_update(skip_locked=True, of=arrivals)
    statement = (
        update(arrivals)
        .where(arrivals.c.id.in_(free))
        .values(state=ArrivalState.NEW, is_unlinked=False, next_at=now)
        .returning(arrivals.c.shard)
    )
    return sorted(set(tx.scalars(statement)))
