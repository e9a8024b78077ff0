"""The priority of a link that was left for want of a counterpart, if nothing has become of that field since: found by its rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from syncd.core.changes import Side, Verb
from syncd.core.reasons import SAYS_NOTHING, Reason

from .database import Tx
from .deliveries import direction
from .tables import deliveries


@dataclass(frozen=True, slots=True)
class Left:
    side: Side  # that says it
    delivery: int
    actor: str


def left(tx: Tx, link_id: int) -> Left | None:
    """What came back, came twice or was known already says nothing of how the field stands."""
    row = deliveries.c
    of_it = (row.link_id == link_id, row.change == Verb.PRIORITISE, row.reason.not_in(tuple(SAYS_NOTHING)))
    wanted = select(row.id, row.reason, row.direction, row.actor).where(*of_it)
    last = tx.execute(wanted.order_by(row.id.desc()).limit(1)).one_or_none()
    if last is None or last.reason != Reason.NOT_MAPPED:
        return None
    side = Side.INCIDENT if last.direction == direction(Side.INCIDENT) else Side.CASE
    return Left(side, last.id, last.actor)
