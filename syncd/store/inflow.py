"""How hooks come in, for whoever looks: how many wait, which has waited longest, and when a source was heard last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select

from syncd.core.lifecycle import ArrivalState

from .columns import says, storable
from .database import Tx
from .tables import arrivals

OUR_OWN = "syncd."  # how the types of events begin that we tell ourselves
_OUT_OF_ORDER = timedelta(minutes=1)  # ids follow the commits of many receivers, and time only nearly
_IS_WAITING = and_(says(arrivals.c.state, ArrivalState.NEW), ~arrivals.c.is_held)


@dataclass(frozen=True, slots=True)
class OldestNew:
    since: datetime
    id: int
    source: str
    record: str


@dataclass(frozen=True, slots=True)
class Told:
    event_type: str
    at: datetime
    body: bytes


def count_waiting(tx: Tx) -> int:
    return tx.execute(select(func.count()).select_from(arrivals).where(_IS_WAITING)).scalar_one()


def is_any_new(tx: Tx, source: str, record: str) -> bool:
    """Whether a hook of this record is still to be planned, held ones among them."""
    is_it = and_(arrivals.c.source == source, arrivals.c.record == record, says(arrivals.c.state, ArrivalState.NEW))
    return tx.execute(select(arrivals.c.id).where(is_it).limit(1)).first() is not None


def held_by_source(tx: Tx) -> dict[str, int]:
    statement = select(arrivals.c.source, func.count()).where(arrivals.c.is_held).group_by(arrivals.c.source)
    return {row[0]: row[1] for row in tx.execute(statement)}


def has_come_after(tx: Tx, source: str, at: datetime) -> bool:
    """Whether a hook of this source was taken later than that. Read backwards, and no further than a minute before it."""
    is_after = and_(_is_heard(source), arrivals.c.received_at > at)
    decides = or_(is_after, arrivals.c.received_at < at - _OUT_OF_ORDER)
    statement = select(arrivals.c.received_at > at).where(decides).order_by(arrivals.c.id.desc()).limit(1)
    return bool(tx.scalar(statement))


def last_heard(tx: Tx, source: str) -> datetime | None:
    """When the last hook of this source was taken. Read backwards, so that it costs little while the source is heard."""
    statement = select(arrivals.c.received_at).where(_is_heard(source)).order_by(arrivals.c.id.desc()).limit(1)
    return tx.execute(statement).scalar_one_or_none()


def told_of(tx: Tx, source: str, record: str) -> list[Told]:
    """What the hooks of this record said, in the order they came in by the door."""
    named = select(arrivals.c.event_type, arrivals.c.received_at, arrivals.c.body)
    statement = named.where(_is_heard(source), arrivals.c.record == storable(record)).order_by(arrivals.c.id)
    return [Told(*row) for row in tx.execute(statement)]


def _is_heard(source: str) -> ColumnElement[bool]:
    """Came in by the door: what we tell ourselves, and what a person has decided anew, did not."""
    is_ours = or_(arrivals.c.event_type.startswith(OUR_OWN, autoescape=True), arrivals.c.replay_of.is_not(None))
    return and_(arrivals.c.source == source, ~is_ours)


def oldest_new(tx: Tx) -> OldestNew | None:
    """Of those that nothing holds, and that do not wait for an opening, which is told of itself. Asked shard by shard, as the index has it."""
    oldest, is_it = func.min(arrivals.c.received_at), and_(_IS_WAITING, ~arrivals.c.is_unlinked)
    since = min(tx.scalars(select(oldest).where(is_it).group_by(arrivals.c.shard)), default=None)
    if since is None:
        return None
    named = select(arrivals.c.received_at, arrivals.c.id, arrivals.c.source, arrivals.c.record)
    row = tx.execute(named.where(is_it, arrivals.c.received_at == since).order_by(arrivals.c.id).limit(1)).one_or_none()
    return None if row is None else OldestNew(*row)
