"""What is on its way, kept or refused, by the side it goes to."""

from __future__ import annotations

from sqlalchemy import Select, func, select

from syncd.core.lifecycle import ErrandState

from .columns import says, says_one_of
from .database import Tx
from .errands import LIVE
from .tables import errands


def by_side(tx: Tx) -> dict[tuple[str, str], int]:
    """(side, state) -> errands. Of the dead those whom nobody has dealt with. Each statement has an index of its own."""
    live = _counted().where(says_one_of(errands.c.state, LIVE))
    dead = _counted().where(says(errands.c.state, ErrandState.DEAD), errands.c.dealt_with == "")
    return {(row[0], row[1]): row[2] for statement in (live, dead) for row in tx.execute(statement)}


def _counted() -> Select[str, str, int]:
    return select(errands.c.side, errands.c.state, func.count()).group_by(errands.c.side, errands.c.state)
