"""What an account told while it was synced one way, and no case has heard: found by its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Delete, and_, delete, func, select

from syncd.core.changes import Side
from syncd.core.reasons import Reason

from . import links
from .columns import says
from .database import Tx
from .tables import deliveries, notes


@dataclass(frozen=True, slots=True)
class Untold:
    """The last of one kind of change of one link."""

    link_id: int
    change: str
    actor: str
    arrival_id: int | None
    recorded_at: datetime


def _is_untold(slug: str, since: datetime) -> ColumnElement[bool]:
    mine = and_(deliveries.c.integration == slug, says(deliveries.c.reason, Reason.SYNC_OFF))
    return and_(mine, deliveries.c.recorded_at >= since, deliveries.c.link_id.is_not(None))


def links_of(tx: Tx, slug: str, since: datetime, *, after: int, limit: int) -> list[int]:
    """Their links, in the order of their ids."""
    found = select(deliveries.c.link_id).where(_is_untold(slug, since), deliveries.c.link_id > after).distinct()
    return [one for one in tx.scalars(found.order_by(deliveries.c.link_id).limit(limit)) if one is not None]


def latest(tx: Tx, slug: str, since: datetime, link_ids: Sequence[int]) -> list[Untold]:
    """In the order in which they were told."""
    newest = select(func.max(deliveries.c.id)).where(_is_untold(slug, since), deliveries.c.link_id.in_(link_ids))
    rows = newest.group_by(deliveries.c.link_id, deliveries.c.change)
    told = select(deliveries).where(deliveries.c.id.in_(rows)).order_by(deliveries.c.id)
    return [
        Untold(row.link_id, row.change, row.actor, row.arrival_id, row.recorded_at)
        for row in tx.execute(told)
        if row.link_id is not None
    ]


def forget_notes(tx: Tx, slug: str, since: datetime) -> None:
    """Of links that are not over, so that a look over the account finds them as news."""
    live = [one.id for one in links.live(tx, slug, Side.INCIDENT)]
    for start in range(0, len(live), 500):
        tx.execute(_forgotten(slug, since, live[start : start + 500]))


def _forgotten(slug: str, since: datetime, link_ids: Sequence[int]) -> Delete:
    told = select(deliveries.c.arrival_id).where(_is_untold(slug, since), deliveries.c.arrival_id.is_not(None))
    theirs = (notes.c.side == Side.INCIDENT, notes.c.errand_id.is_(None), notes.c.arrival_id.in_(told))
    return delete(notes).where(notes.c.link_id.in_(link_ids), *theirs)
