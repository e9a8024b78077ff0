"""Hooks for whoever looks at them: a list without what they carried, and one with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from .columns import storable
from .database import Tx
from .tables import arrivals

_LISTED = (
    arrivals.c.id,
    arrivals.c.source,
    arrivals.c.event_key,
    arrivals.c.event_type,
    arrivals.c.record,
    arrivals.c.received_at,
    arrivals.c.state,
    arrivals.c.is_held,
    arrivals.c.attempt,
    arrivals.c.next_at,
    arrivals.c.replay_of,
    arrivals.c.replayed_by,
    arrivals.c.reconcile_id,
    arrivals.c.body_pruned_at,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """All of it must hold; what is empty does not matter."""

    source: str = ""
    record: str = ""
    state: str = ""


def listing(
    tx: Tx, asked: Asked, *, before: int | None = None, limit: int = 100, within: Collection[str] = ()
) -> Sequence[Mapping[str, Any]]:
    """Newest first. `within`: only of these accounts; none named: of all."""
    which = select(*_LISTED).order_by(arrivals.c.id.desc()).limit(limit)
    for column, value in (("source", asked.source), ("record", asked.record), ("state", asked.state)):
        if value:
            which = which.where(arrivals.c[column] == storable(value))
    if within:
        which = which.where(arrivals.c.source.in_(within))
    if before is not None:
        which = which.where(arrivals.c.id < before)
    return [dict(row) for row in tx.execute(which).mappings()]


def one(tx: Tx, number: int) -> Mapping[str, Any] | None:
    which = select(*_LISTED, arrivals.c.body, func.length(arrivals.c.body).label("bytes"))
    row = tx.execute(which.where(arrivals.c.id == number)).mappings().one_or_none()
    return None if row is None else dict(row)
