"""How far the openings of links are that have no incident yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from syncd.core.errand import ErrandKind
from syncd.core.lifecycle import ErrandState

from .columns import says_one_of
from .database import Tx
from .errands import LIVE
from .tables import errands


@dataclass(frozen=True, slots=True)
class StoredOpening:
    state: ErrandState
    held_reason: str
    attempt: int
    next_at: datetime


def live(tx: Tx, link_ids: Sequence[int]) -> Mapping[int, StoredOpening]:
    """By their links, of which each has one at most."""
    if not link_ids:
        return {}
    which = (errands.c.link_id.in_(link_ids), errands.c.kind == ErrandKind.OPEN)
    statement = select(errands).where(*which, says_one_of(errands.c.state, LIVE))
    return {
        row.link_id: StoredOpening(ErrandState(row.state), row.held_reason, row.attempt, row.next_at)
        for row in tx.execute(statement)
    }
