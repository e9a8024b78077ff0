"""Errands that would have been made, had their account not been only observed: marked, until that is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select, update

from syncd.core.changes import Side

from .columns import many, says
from .database import Tx
from .errands import StoredErrand, as_stored
from .replay import Dealt
from .tables import errands, links

_NOBODY = ("",)  # An empty list would be a question within the question.


def mark(tx: Tx, errand_id: int) -> None:
    tx.execute(update(errands).where(errands.c.id == errand_id).values(dealt_with=Dealt.OBSERVED))


def left(tx: Tx, observed: Sequence[str], limit: int) -> list[StoredErrand]:
    """In their order: those whose account is none of these, which are observed still."""
    given: dict[str, Any] = {"observed": observed or _NOBODY}
    return [as_stored(row) for row in tx.execute(_LEFT.limit(limit), given)]


_LEFT = (
    select(errands)
    .join(links, links.c.id == errands.c.link_id)
    .where(
        says(errands.c.dealt_with, Dealt.OBSERVED),
        or_(
            and_(errands.c.side == Side.CASE, links.c.case_system.not_in(many("observed"))),
            and_(errands.c.side == Side.INCIDENT, links.c.integration.not_in(many("observed"))),
        ),
    )
    .order_by(errands.c.id)
)


def leave(tx: Tx, errand_ids: Sequence[int]) -> None:
    """They have been decided anew, or are for a person to replay."""
    marked = (errands.c.id.in_(errand_ids), says(errands.c.dealt_with, Dealt.OBSERVED))
    tx.execute(update(errands).where(*marked).values(dealt_with=Dealt.LEFT))
