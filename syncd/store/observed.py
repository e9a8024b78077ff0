"""Errands that would have been made, had their account not been only observed: marked, until that is over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, bindparam, or_, select, update

from syncd.core.changes import Side

from .columns import many, says
from .database import Tx
from .errands import StoredErrand, as_stored
from .replay import Dealt
from .tables import errands, links

Pair = tuple[str, str]  # the two accounts of a link
_NOBODY = ("",)  # An empty list would be a question within the question.


def mark(tx: Tx, errand_id: int) -> None:
    tx.execute(update(errands).where(errands.c.id == errand_id).values(dealt_with=Dealt.OBSERVED))


def pairs(tx: Tx, observed: Sequence[str]) -> list[Pair]:
    """Whose links have any for an account that is none of these, which are observed still."""
    return [(row[0], row[1]) for row in tx.execute(_PAIRS, {"observed": observed or _NOBODY})]


def left(tx: Tx, pair: Pair, observed: Sequence[str], limit: int) -> list[StoredErrand]:
    """Those of this pair's links, in their order."""
    given: dict[str, Any] = {"observed": observed or _NOBODY, "case_system": pair[0], "integration": pair[1]}
    return [as_stored(row) for row in tx.execute(_LEFT.limit(limit), given)]


_IS_LEFT = and_(
    says(errands.c.dealt_with, Dealt.OBSERVED),
    or_(
        and_(errands.c.side == Side.CASE, links.c.case_system.not_in(many("observed"))),
        and_(errands.c.side == Side.INCIDENT, links.c.integration.not_in(many("observed"))),
    ),
)
_PAIR = (links.c.case_system, links.c.integration)
_PAIRS = select(*_PAIR).join(errands, links.c.id == errands.c.link_id).where(_IS_LEFT).distinct().order_by(*_PAIR)
_LEFT = (
    select(errands)
    .join(links, links.c.id == errands.c.link_id)
    .where(
        _IS_LEFT,
        links.c.case_system == bindparam("case_system"),
        links.c.integration == bindparam("integration"),
    )
    .order_by(errands.c.id)
)


def leave(tx: Tx, errand_ids: Sequence[int]) -> None:
    """They have been decided anew, or are for a person to replay."""
    marked = (errands.c.id.in_(errand_ids), says(errands.c.dealt_with, Dealt.OBSERVED))
    tx.execute(update(errands).where(*marked).values(dealt_with=Dealt.LEFT))
