"""Old rows, found page by page from the oldest on and thrown away by their ids. What is live, or is referred to by what is
live, stays however old it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)

from syncd.core.lifecycle import ArrivalState, ErrandState

from . import notices as told_of
from .columns import Moment, says_one_of
from .database import Tx
from .errands import NOTES
from .tables import arrivals, deliveries, errands, notes
from .tables_of_actions import actions
from .tables_of_people import pen_names
from .tables_of_signals import notices


class Kept(StrEnum):
    """What has an age of its own. An errand lives as long as a delivery tells of it."""

    BODIES = "hook_bodies"
    HOOKS = "hooks"
    DELIVERIES = "deliveries"
    NOTICES = "notices"
    ACTIONS = "actions"


ERRANDS = "errands"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk from the oldest row on has come to."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class _Rows:
    table: Table
    at: Column[datetime]
    id: Column[int]
    may_go: ColumnElement[bool]  # in the words of the index


_IS_NEW = literal(ArrivalState.NEW, literal_execute=True)
_OF: Mapping[Kept, _Rows] = {
    Kept.BODIES: _Rows(
        arrivals,
        arrivals.c.received_at,
        arrivals.c.id,
        and_(arrivals.c.state != _IS_NEW, arrivals.c.body_pruned_at.is_(None)),
    ),
    Kept.HOOKS: _Rows(arrivals, arrivals.c.received_at, arrivals.c.id, arrivals.c.body_pruned_at.is_not(None)),
    Kept.DELIVERIES: _Rows(deliveries, deliveries.c.recorded_at, deliveries.c.id, true()),
    Kept.NOTICES: _Rows(
        notices, cast("Column[datetime]", notices.c.cleared_at), notices.c.id, notices.c.cleared_at.is_not(None)
    ),
    Kept.ACTIONS: _Rows(actions, actions.c.at, actions.c.id, true()),
}


def page(tx: Tx, kept: Kept, before: datetime, after: Place | None, limit: int) -> list[Place]:
    """The next ones older than this, live or not: so a page costs the same however many of them have to stay."""
    rows = _OF[kept]
    statement = select(rows.at, rows.id).where(rows.may_go, rows.at < before)
    if after is not None:
        statement = statement.where(tuple_(rows.at, rows.id) > tuple_(literal(after.at, Moment()), literal(after.id)))
    return [Place(*row) for row in tx.execute(statement.order_by(rows.at, rows.id).limit(limit))]


def throw_away(tx: Tx, kept: Kept, ids: Sequence[int], before: datetime, now: datetime) -> dict[str, int]:
    """Those of a page that may go: how many of what. On PostgreSQL a row that somebody has locked is left for later."""
    match kept:
        case Kept.BODIES:
            return {kept: _bodies(tx, ids, before, now)}
        case Kept.HOOKS:
            return {kept: _hooks(tx, ids, before)}
        case Kept.DELIVERIES:
            return _deliveries(tx, ids, before)
        case Kept.NOTICES:
            return {kept: told_of.throw_away(tx, ids, before)}
        case Kept.ACTIONS:
            return {kept: _actions(tx, ids, before)}


def _bodies(tx: Tx, ids: Sequence[int], before: datetime, now: datetime) -> int:
    free = _free(Kept.BODIES, ids, before, ~_is_referred_to())
    return tx.execute(update(arrivals).where(arrivals.c.id.in_(free)).values(body=b"", body_pruned_at=now)).rowcount


def _hooks(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    may_go = and_(arrivals.c.state != _IS_NEW, ~_is_referred_to(), _is_not_newest(arrivals.c.id))
    return tx.execute(delete(arrivals).where(arrivals.c.id.in_(_free(Kept.HOOKS, ids, before, may_go)))).rowcount


def _deliveries(tx: Tx, ids: Sequence[int], before: datetime) -> dict[str, int]:
    """With the errands that nothing tells of any more."""
    its_errand = exists().where(errands.c.id == deliveries.c.errand_id, _IS_OPEN)
    its_replay = exists().where(errands.c.replay_of == deliveries.c.id, _IS_OPEN)
    may_go = and_(~its_errand, ~its_replay, _is_not_newest(deliveries.c.id))
    free = _free(Kept.DELIVERIES, ids, before, may_go)
    gone = delete(deliveries).where(deliveries.c.id.in_(free)).returning(deliveries.c.errand_id)
    of_errands = list(tx.scalars(gone))
    told = sorted({one for one in of_errands if one is not None})
    return {Kept.DELIVERIES: len(of_errands), ERRANDS: _errands(tx, told)}


def _actions(tx: Tx, ids: Sequence[int], before: datetime) -> int:
    free = _free(Kept.ACTIONS, ids, before, _is_not_newest(actions.c.id))
    return tx.execute(delete(actions).where(actions.c.id.in_(free))).rowcount


def _errands(tx: Tx, ids: Sequence[int]) -> int:
    is_told_of = exists().where(deliveries.c.errand_id == errands.c.id)
    may_go = (~_IS_OPEN, ~is_told_of, ~_MAY_COME_BACK, _is_not_newest(errands.c.id))
    free = select(errands.c.id).where(errands.c.id.in_(ids), *may_go).with_for_update(skip_locked=True)
    gone = list(tx.scalars(delete(errands).where(errands.c.id.in_(free)).returning(errands.c.id))) if ids else []
    if gone:
        tx.execute(delete(pen_names).where(pen_names.c.errand_id.in_(gone)))
    return len(gone)


def _free(kept: Kept, ids: Sequence[int], before: datetime, may_go: ColumnElement[bool]) -> Any:  # noqa: ANN401  A select of ids.
    rows = _OF[kept]
    which = (rows.id.in_(ids), rows.may_go, rows.at < before, may_go)
    return select(rows.id).where(*which).with_for_update(skip_locked=True)


#: Live, or dead and dealt with by nobody: a person may still take it up.
_IS_OPEN = and_(
    says_one_of(
        errands.c.state, (ErrandState.WAITING, ErrandState.SENDING, ErrandState.HELD, ErrandState.DEAD)
    ),  # In the order of the index.
    or_(errands.c.state != ErrandState.DEAD, errands.c.dealt_with == ""),
)
#: A note that may stand over there unknown: only by its text is it known as ours when the record is read again.
_MAY_COME_BACK = and_(errands.c.kind.in_(NOTES), errands.c.is_doubtful, errands.c.far_id == "")


def _is_referred_to() -> ColumnElement[bool]:
    """By an open errand, or by a note that an open errand may turn out not to have written: then it is planned again."""
    came_of_it = exists().where(errands.c.arrival_id == arrivals.c.id, _IS_OPEN)
    told_of = exists().where(notes.c.arrival_id == arrivals.c.id, notes.c.errand_id == errands.c.id, _IS_OPEN)
    return or_(came_of_it, told_of)


def _is_not_newest(number: Column[int]) -> ColumnElement[bool]:
    """SQLite would give the number of the newest row out again, and what is known by the old one is not this new one."""
    newest = select(func.max(number.table.alias().c.id)).scalar_subquery()
    return number < newest


def oldest(tx: Tx, kept: Kept) -> datetime | None:
    rows = _OF[kept]
    return tx.execute(select(func.min(rows.at)).where(rows.may_go)).scalar_one()


def count_older(tx: Tx, kept: Kept, before: datetime) -> int:
    """Live ones among them too."""
    rows = _OF[kept]
    return tx.execute(select(func.count()).select_from(rows.table).where(rows.may_go, rows.at < before)).scalar_one()
