"""Changes that wait and whose last attempt ended for one of these reasons: by reason and account, with what was said last."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from syncd.core.lifecycle import ErrandState
from syncd.core.reasons import Reason

from .columns import says
from .database import Tx
from .deliveries import LOOK
from .tables import deliveries, errands


@dataclass(frozen=True, slots=True)
class Stuck:
    reason: Reason
    account: str
    count: int
    detail: str


def stuck(tx: Tx, reasons: Collection[Reason]) -> Sequence[Stuck]:
    """Only what was tried has a row; looks are no attempts."""
    row = deliveries.c
    last = (
        select(func.max(row.id))
        .where(row.errand_id == errands.c.id, row.errand_id.is_not(None), row.action != LOOK)
        .correlate(errands)
        .scalar_subquery()
    )
    tried = (says(errands.c.state, ErrandState.WAITING), errands.c.attempt > 0)
    newest = func.max(row.id).label("newest")
    counted = (
        select(row.reason, row.destination_system, func.count().label("count"), newest)
        .join(errands, row.errand_id == errands.c.id)
        .where(*tried, row.id == last, row.reason.in_(sorted(reasons)))
        .group_by(row.reason, row.destination_system)
        .order_by(row.reason, row.destination_system)
    )
    found = tx.execute(counted).all()
    said = select(row.id, row.detail).where(row.id.in_([one.newest for one in found]))
    details = {one.id: one.detail for one in tx.execute(said)}
    return [Stuck(Reason(one.reason), one.destination_system, one[2], details[one.newest]) for one in found]
