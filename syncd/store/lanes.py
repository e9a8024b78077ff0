"""Lanes: which errand of a link's side may go out next, and which of those are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select

from syncd.core.changes import Side
from syncd.core.errand import ErrandKind
from syncd.core.lifecycle import ErrandState

from .columns import Moment, many, says, says_one_of
from .database import Tx
from .errands import LIVE, NOTES, StoredErrand, as_stored
from .tables import errands, links

NOTES_MAY_BE_PASSED_AFTER = 2  # failed attempts


def _is_head_of_its_lane() -> ColumnElement[bool]:
    older = errands.alias("older")
    stuck = errands.alias("stuck")
    is_behind_a_stuck_one = exists().where(
        stuck.c.link_id == older.c.link_id,
        stuck.c.side == older.c.side,
        stuck.c.id < older.c.id,
        says_one_of(stuck.c.state, LIVE),
        stuck.c.kind.in_(NOTES),
        stuck.c.attempt >= NOTES_MAY_BE_PASSED_AFTER,
    )
    # A resolve never waits behind a note that cannot be posted, nor behind those that wait for it.
    is_before = or_(
        errands.c.kind != ErrandKind.STATUS,
        older.c.kind.not_in(NOTES),
        says(older.c.state, ErrandState.SENDING),
        and_(older.c.attempt < NOTES_MAY_BE_PASSED_AFTER, ~is_behind_a_stuck_one),
    )
    in_the_way = and_(
        older.c.link_id == errands.c.link_id,
        older.c.side == errands.c.side,
        says_one_of(older.c.state, LIVE),
        # An opening that is tried once more goes ahead of what was kept for it.
        errands.c.kind != ErrandKind.OPEN,
        or_(older.c.kind == ErrandKind.OPEN, and_(older.c.id < errands.c.id, is_before)),
    )
    sending = errands.alias("under_way")
    under_way = and_(
        sending.c.link_id == errands.c.link_id,
        sending.c.side == errands.c.side,
        says(sending.c.state, ErrandState.SENDING),
    )
    return and_(~exists().where(in_the_way), ~exists().where(under_way))


_IS_HEAD = _is_head_of_its_lane()


_IS_DUE = and_(says(errands.c.state, ErrandState.WAITING), errands.c.next_at <= bindparam("now", type_=Moment()))
_DUE_LINKS = (
    select(errands.c.link_id)
    .where(errands.c.shard.in_(many("shards")), _IS_DUE, _IS_HEAD)
    .order_by(errands.c.id)
    .limit(bindparam("limit"))
)
# Locked too: an account that is shut holds errands without asking for their links.
_DUE_OF_LINKS = (
    select(errands)
    .where(errands.c.link_id.in_(many("links")), says_one_of(errands.c.state, LIVE), _IS_DUE, _IS_HEAD)
    .with_for_update(of=errands)
)


_DUE_LINKS_WITHOUT = _DUE_LINKS.join(links, links.c.id == errands.c.link_id).where(
    or_(
        and_(errands.c.side == Side.CASE, links.c.case_system.not_in(many("without"))),
        and_(errands.c.side == Side.INCIDENT, links.c.integration.not_in(many("without"))),
    )
)


def due_links(
    tx: Tx,
    shards: Collection[int],
    now: datetime,
    limit: int,
    *,
    without: Sequence[str] = (),
    kinds: Collection[ErrandKind] | None = None,
) -> list[int]:
    """Links with an errand that could be claimed now, those that have waited longest first. `without` names accounts."""
    given: dict[str, Any] = {"shards": shards, "now": now, "limit": limit}
    statement = _DUE_LINKS_WITHOUT if without or kinds else _DUE_LINKS
    if without or kinds:
        given["without"] = without or _NOBODY
    if kinds:
        statement, given["kinds"] = _DUE_LINKS_OF_KINDS, sorted(kinds)
    return list(dict.fromkeys(tx.scalars(statement, given)))


_NOBODY = ("",)  # An empty list would be a question within the question.
_DUE_LINKS_OF_KINDS = _DUE_LINKS_WITHOUT.where(errands.c.kind.in_(many("kinds")))


def due_of_links(tx: Tx, link_ids: Sequence[int], now: datetime) -> list[StoredErrand]:
    """Asked again once those links are locked. At most one for each lane: a status that may pass a note does."""
    if not link_ids:
        return []
    lanes: dict[tuple[int, str], StoredErrand] = {}
    rows = tx.execute(_DUE_OF_LINKS, {"links": link_ids, "now": now})
    for row in sorted(rows, key=lambda row: (row.kind != ErrandKind.STATUS, row.id)):
        lanes.setdefault((row.link_id, row.side), as_stored(row))
    return list(lanes.values())


def passed(tx: Tx, status_ids: Sequence[int]) -> list[StoredErrand]:
    """Notes that have failed, and that these later statuses of their lanes go out ahead of."""
    return [as_stored(row) for row in tx.execute(_PASSED, {"ids": status_ids})] if status_ids else []


_LATER = errands.alias("later")
_PASSED = (
    select(errands)
    .join(_LATER, and_(_LATER.c.link_id == errands.c.link_id, _LATER.c.side == errands.c.side))
    .where(_LATER.c.id.in_(many("ids")), errands.c.id < _LATER.c.id)
    .where(errands.c.kind.in_(NOTES), says_one_of(errands.c.state, LIVE))
    .order_by(errands.c.id)
)


def due_shards(tx: Tx, now: datetime) -> list[int]:
    return list(tx.scalars(select(errands.c.shard).where(_IS_DUE).distinct(), {"now": now}))


def next_due(tx: Tx, now: datetime, until: datetime) -> datetime | None:
    """The first moment after now, and before then, that an errand waits for."""
    found: datetime | None = tx.scalar(_NEXT_DUE, {"now": now, "until": until})
    return found


_NEXT_DUE = select(func.min(errands.c.next_at)).where(
    says(errands.c.state, ErrandState.WAITING),
    errands.c.next_at > bindparam("now", type_=Moment()),
    errands.c.next_at < bindparam("until", type_=Moment()),
)
