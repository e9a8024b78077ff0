"""Legal holds: while one stands nothing is pruned. Who placed it, when and why is kept for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, insert, select, update

from .columns import storable
from .database import Tx
from .tables_of_upkeep import legal_holds


@dataclass(frozen=True, slots=True)
class LegalHold:
    id: int
    placed_at: datetime
    placed_by: str
    why: str
    released_at: datetime | None
    released_by: str


_STANDS = legal_holds.c.released_at.is_(None)


def place(tx: Tx, *, by: str, why: str, now: datetime) -> int:
    """With upkeep.lock before it, so that no batch is under way when it stands."""
    values = {"placed_at": now, "placed_by": storable(by), "why": storable(why)}
    return tx.execute(insert(legal_holds).values(**values).returning(legal_holds.c.id)).scalar_one()


def release(tx: Tx, number: int, *, by: str, now: datetime) -> bool:
    """False: it was released before, or there never was one of this number."""
    which = (legal_holds.c.id == number, _STANDS)
    return tx.execute(update(legal_holds).where(*which).values(released_at=now, released_by=storable(by))).rowcount == 1


def is_any_standing(tx: Tx) -> bool:
    return bool(tx.execute(select(exists().where(_STANDS))).scalar_one())


def standing(tx: Tx) -> Sequence[LegalHold]:
    return [_hold(row) for row in tx.execute(select(legal_holds).where(_STANDS).order_by(legal_holds.c.id))]


def listing(tx: Tx) -> Sequence[LegalHold]:
    """Those that were released as well, newest first."""
    return [_hold(row) for row in tx.execute(select(legal_holds).order_by(legal_holds.c.id.desc()))]


def _hold(row: Row[*tuple[Any, ...]]) -> LegalHold:
    return LegalHold(row.id, row.placed_at, row.placed_by, row.why, row.released_at, row.released_by)
