"""What a connector has carried last: hooks that its deliveries tell of, with what was said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from .columns import storable
from .database import Tx
from .tables import arrivals, deliveries

MOST_HOOKS = 2000  # gone back through: most may be of our own writes
_ROWS = 500  # asked for at once: a hook may have many
_TELLS = ("arrival_id", "link_id", "id", "outcome", "detail")


@dataclass(frozen=True, slots=True)
class Carried:
    """A hook, and the delivery that told of it last."""

    arrival: int
    source: str
    body: bytes
    received_at: datetime
    link: int
    delivery: int
    outcome: str
    detail: str


def last_of(tx: Tx, connector: str) -> Iterator[Carried]:
    """By what was told of them last, the newest first, for as long as somebody asks on. Whose body was pruned is not there any more."""
    mine = _told().where(deliveries.c.connector == storable(connector)).order_by(deliveries.c.id.desc()).limit(_ROWS)
    met: set[int] = set()
    page = tx.execute(mine).all()
    while page and len(met) < MOST_HOOKS:
        rows: dict[int, Any] = {}
        for row in page:
            if row.arrival_id not in met:
                rows.setdefault(row.arrival_id, row)
        met |= rows.keys()
        yield from _carried(tx, rows)
        page = tx.execute(mine.where(deliveries.c.id < page[-1].id)).all() if len(page) == _ROWS else []


def of_delivery(tx: Tx, number: int) -> Carried | None:
    row = tx.execute(_told().where(deliveries.c.id == number)).one_or_none()
    found = [] if row is None else _carried(tx, {row.arrival_id: row})
    return found[0] if found else None


def _told() -> Select[Any]:
    has_both = (deliveries.c.arrival_id.is_not(None), deliveries.c.link_id.is_not(None))
    return select(*(deliveries.c[name] for name in _TELLS)).where(*has_both)


def _carried(tx: Tx, rows: Mapping[int, Any]) -> list[Carried]:
    hooks = select(arrivals.c.id, arrivals.c.source, arrivals.c.body, arrivals.c.received_at)
    kept = (arrivals.c.id.in_(list(rows)), arrivals.c.body_pruned_at.is_(None))
    return [
        Carried(hook.id, hook.source, hook.body, hook.received_at, row.link_id, row.id, row.outcome, row.detail)
        for hook in tx.execute(hooks.where(*kept).order_by(arrivals.c.id.desc()))
        for row in [rows[hook.id]]
    ]
