"""What became of the errands of one link, or of one errand: as it is now, with the row that was written of it last.

What its record told besides, when it came to be written, has rows of its own with the same errand; they say nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.reasons import Outcome, Reason

from .columns import says_one_of
from .database import Tx
from .deliveries import LOOK
from .errands import LIVE, StoredErrand, as_stored
from .replay import Dealt
from .tables import deliveries, errands

_CAME_TO_NOTHING = (Reason.OBSERVING, Reason.PARKED, Reason.CASE_OVER)  # The case may have come back since.


@dataclass(frozen=True, slots=True)
class Became:
    stored: StoredErrand
    state: ErrandState
    held_reason: str
    dealt_with: str
    delivery: int | None = None  # its last row; None: nobody has tried it yet
    outcome: str = ""
    reason: str = ""
    detail: str = ""
    next_at: datetime | None = None  # of a live one: when it is tried
    http_status: int | None = None  # of its last row

    @property
    def kind(self) -> ErrandKind:
        return self.stored.errand.kind

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_undone(self) -> bool:
        """It ended, and what it was to write was not written. One that was replayed has another in its place."""
        if self.dealt_with == Dealt.REPLAYED:
            return False
        came_to_nothing = self.state is ErrandState.WITHDRAWN and self.reason in _CAME_TO_NOTHING
        return self.state is ErrandState.DEAD or came_to_nothing

    @property
    def was_observed(self) -> bool:
        """It is decided anew by itself once its account is written to again, if it is one that is decided anew at all."""
        return self.dealt_with == Dealt.OBSERVED and self.kind in FIELD_OF_WISH


def of_link(tx: Tx, link_id: int) -> list[Became]:
    """In their order. Found by their rows, which have an index; those that nobody has tried yet are live."""
    live = select(errands).where(errands.c.link_id == link_id, says_one_of(errands.c.state, LIVE))
    found = {row.id: _untried(row) for row in tx.execute(live)}
    found |= {row.id: _told(row) for row in tx.execute(_told_of(link_id))}
    return [found[number] for number in sorted(found)]


def of_errand(tx: Tx, link_id: int, errand_id: int) -> Became | None:
    """None when its rows are not kept any more, or nobody has tried it yet."""
    row = tx.execute(_told_of(link_id, deliveries.c.errand_id == errand_id)).one_or_none()
    return None if row is None else _told(row)


def _told_of(link_id: int, *which: ColumnElement[bool]) -> Any:  # noqa: ANN401  every column of one table and some of another
    is_its_own = (deliveries.c.errand_id.is_not(None), deliveries.c.action != LOOK)
    mine = (deliveries.c.link_id == link_id, *is_its_own, *which)
    last = select(func.max(deliveries.c.id)).where(*mine).group_by(deliveries.c.errand_id)
    said = [deliveries.c[name].label(f"row_{name}") for name in ("id", "outcome", "reason", "detail", "http_status")]
    told = select(errands, *said).join(deliveries, deliveries.c.errand_id == errands.c.id)
    return told.where(deliveries.c.id.in_(last))


def _untried(row: Row[Any]) -> Became:
    return Became(as_stored(row), ErrandState(row.state), row.held_reason, row.dealt_with, next_at=row.next_at)


def _told(row: Row[Any]) -> Became:
    said = (row.row_id, Outcome(row.row_outcome), Reason(row.row_reason), row.row_detail)
    state = ErrandState(row.state)
    return Became(as_stored(row), state, row.held_reason, row.dealt_with, *said, row.next_at, row.row_http_status)
