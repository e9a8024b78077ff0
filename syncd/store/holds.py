"""Errands and hooks that are held, let go or hastened: a lane's, or those of an account. An account's errands are changed
without asking for their links.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, update

from syncd.core.changes import Side
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ArrivalState, ErrandState, IntegrationState

from . import gaps, rests
from .columns import says, says_one_of
from .database import Tx
from .errands import LYING, StoredErrand, as_stored
from .tables import arrivals, errands, links
from .tables_of_accounts import integrations

_WAITING = {"state": ErrandState.WAITING, "held_reason": ""}
_IS_ITS_ACCOUNT = or_(
    and_(errands.c.side == Side.CASE, integrations.c.slug == links.c.case_system),
    and_(errands.c.side == Side.INCIDENT, integrations.c.slug == links.c.integration),
)


def hold_lane(tx: Tx, link_id: int, side: Side, reason: str) -> list[StoredErrand]:
    """Everything of this lane that waits. Under its link's row lock."""
    return _hold(tx, and_(errands.c.link_id == link_id, errands.c.side == side), reason)


def holds_lane(tx: Tx, link_id: int, side: Side, reason: str) -> bool:
    """Whether this reason holds anything of it. Under its link's row lock."""
    which = and_(errands.c.link_id == link_id, errands.c.side == side, _is_held(reason))
    return tx.execute(select(errands.c.id).where(which).limit(1)).first() is not None


def hold_account(tx: Tx, slug: str, side: Side, reason: str) -> list[StoredErrand]:
    """Everything that waits to go to this account. What another worker has in its hands finds out by itself."""
    return _hold(tx, _of_account(slug, side), reason)


def hold_links_of(tx: Tx, slug: str, reason: str) -> list[StoredErrand]:
    """Everything that waits on either side of this account's links."""
    return _hold(tx, or_(*(errands.c.link_id.in_(_links_of(slug, side)) for side in Side)), reason)


def _links_of(slug: str, side: Side) -> Select[int]:
    column = links.c.case_system if side is Side.CASE else links.c.integration
    return select(links.c.id).where(column == slug)


def _of_account(slug: str, side: Side) -> ColumnElement[bool]:
    return and_(errands.c.link_id.in_(_links_of(slug, side)), errands.c.side == side)


def _free(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Without waiting for anybody: whoever changes errands without their links must not."""
    return errands.c.id.in_(select(errands.c.id).where(which).with_for_update(skip_locked=True, of=errands))


def _hold(tx: Tx, which: ColumnElement[bool], reason: str) -> list[StoredErrand]:
    statement = (
        update(errands)
        .where(_free(and_(which, says(errands.c.state, ErrandState.WAITING))))
        .values(state=ErrandState.HELD, held_reason=reason)
        .returning(*errands.c)
    )
    return sorted((as_stored(row) for row in tx.execute(statement)), key=lambda one: one.id)


def let_go(tx: Tx, slug: str, side: Side, reason: str, now: datetime) -> list[int]:
    """What this reason held back from this account may go on. The shards to wake."""
    held = and_(_of_account(slug, side), says(errands.c.state, ErrandState.HELD), errands.c.held_reason == reason)
    statement = (
        update(errands)
        .where(_free(held))
        .values(
            state=ErrandState.WAITING, held_reason="", next_at=_not_before_it_landed(integrations.c.slug == slug, now)
        )
        .returning(errands.c.shard)
    )
    return sorted(set(tx.scalars(statement)))


def _not_before_it_landed(whose: ColumnElement[bool], now: datetime) -> ColumnElement[datetime]:
    """What may stand over there unanswered is not looked for any earlier because it was held meanwhile."""
    return case((errands.c.is_doubtful, errands.c.next_at), else_=rests.not_before(whose, now))


def let_go_of_link(tx: Tx, link_id: int, reason: str) -> int:
    """What this reason held back of both lanes may go on, each when it would have. Under its link's row lock; how many."""
    held = and_(errands.c.link_id == link_id, _is_held(reason))
    return tx.execute(update(errands).where(held).values(**_WAITING)).rowcount


def let_go_of_resumed(tx: Tx, reason: str) -> list[int]:
    """Whose link and both of whose accounts are not paused may go on, each when it would have. The shards to wake."""
    case_system, other = integrations.alias(), integrations.alias()
    can_go = exists().where(
        links.c.id == errands.c.link_id,
        ~links.c.is_paused,
        case_system.c.slug == links.c.case_system,
        case_system.c.paused_at.is_(None),
        other.c.slug == links.c.integration,
        other.c.paused_at.is_(None),
    )
    statement = update(errands).where(_free(and_(_is_held(reason), can_go))).values(**_WAITING)
    return sorted(set(tx.scalars(statement.returning(errands.c.shard))))


def let_go_of_written(tx: Tx, reason: str) -> list[int]:
    """Whose account is not only observed any more may go on, each when it would have. The shards to wake."""
    is_written = integrations.c.observed_at.is_(None)
    can_go = exists().where(links.c.id == errands.c.link_id, _IS_ITS_ACCOUNT, is_written)
    statement = update(errands).where(_free(and_(_is_held(reason), can_go))).values(**_WAITING)
    return sorted(set(tx.scalars(statement.returning(errands.c.shard))))


def let_go_of_connected(tx: Tx, reason: str, now: datetime) -> list[int]:
    """Held by a turn that still believed an account disconnected. The shards to wake."""
    whose = and_(links.c.id == errands.c.link_id, _IS_ITS_ACCOUNT)
    can_go = exists().where(whose, integrations.c.state == IntegrationState.CONNECTED)
    statement = (
        update(errands)
        .where(_free(and_(says(errands.c.state, ErrandState.HELD), errands.c.held_reason == reason, can_go)))
        .values(state=ErrandState.WAITING, held_reason="", next_at=_not_before_it_landed(whose, now))
        .returning(errands.c.shard)
    )
    return sorted(set(tx.scalars(statement)))


def let_go_of_read(tx: Tx, reason: str) -> list[int]:
    """Whose link's accounts and records have been read since a backup was restored may go on, each when it would have.

    The shards to wake.
    """
    is_either = or_(integrations.c.slug == links.c.case_system, integrations.c.slug == links.c.integration)
    is_unread = and_(integrations.c.gap_until.is_not(None), integrations.c.gap_read_at.is_(None))
    waits = or_(
        exists().where(links.c.id == errands.c.link_id, is_either, is_unread),
        exists().where(links.c.id == errands.c.link_id, gaps.has_unread_record()),
    )
    statement = update(errands).where(_free(and_(_is_held(reason), ~waits))).values(**_WAITING)
    return sorted(set(tx.scalars(statement.returning(errands.c.shard))))


def hasten(tx: Tx, slug: str, side: Side, now: datetime, ambiguous_until: datetime) -> list[int]:
    """The far side answers again: what waits for another try becomes due, the doubtful ones not before they may."""
    mine = integrations.c.slug == slug
    due = case((errands.c.is_doubtful, rests.not_before(mine, ambiguous_until)), else_=rests.not_before(mine, now))
    waiting = and_(_of_account(slug, side), says(errands.c.state, ErrandState.WAITING), errands.c.next_at > due)
    statement = update(errands).where(_free(waiting)).values(next_at=due).returning(errands.c.shard)
    return sorted(set(tx.scalars(statement)))


def hasten_unbegun(tx: Tx, link_id: int, side: Side, made_by: datetime, now: datetime) -> bool:
    """The record of this lane was read after that moment: wishes made by then that waited for it, and were not begun, are due.

    One that took over from an attempt was begun with it: it keeps the pause that the far side asked of that one. Under its
    link's row lock. Whether there are any.
    """
    of_lane = and_(errands.c.link_id == link_id, errands.c.side == side, errands.c.kind.in_(tuple(FIELD_OF_WISH)))
    is_unbegun = and_(says(errands.c.state, ErrandState.WAITING), errands.c.begun_at.is_(None), ~errands.c.is_doubtful)
    waits = and_(errands.c.created_at <= made_by, errands.c.next_at > now)
    return tx.execute(update(errands).where(of_lane, is_unbegun, waits).values(next_at=now)).rowcount > 0


def hold_hook(tx: Tx, arrival_id: int, next_at: datetime) -> None:
    """It has to be looked at and its account is disconnected or paused: until that is over, or until then."""
    which = and_(arrivals.c.id == arrival_id, says(arrivals.c.state, ArrivalState.NEW))
    tx.execute(update(arrivals).where(which).values(next_at=next_at, is_held=True, is_behind=False))


def let_go_of_hooks(tx: Tx, sources: Collection[str], now: datetime) -> list[int]:
    """Held for one of these accounts, each of which can be read again. The shards to wake."""
    held = select(arrivals.c.id).where(arrivals.c.is_held, arrivals.c.source.in_(sources))
    statement = (
        update(arrivals)
        .where(arrivals.c.id.in_(held.with_for_update(skip_locked=True, of=arrivals)))
        .values(next_at=rests.not_before(integrations.c.slug == arrivals.c.source, now), is_held=False)
        .returning(arrivals.c.shard)
    )
    return sorted(set(tx.scalars(statement)))


def hasten_hooks(tx: Tx, source: str, now: datetime) -> list[int]:
    """Its far side answers again: looks that were put off are due. The shards to wake."""
    due = rests.not_before(integrations.c.slug == source, now)
    waits = and_(or_(arrivals.c.attempt > 0, arrivals.c.is_held), arrivals.c.next_at > due)
    statement = (
        update(arrivals)
        .where(_free_hooks(source, waits))
        .values(next_at=due, is_held=False)
        .returning(arrivals.c.shard)
    )
    return sorted(set(tx.scalars(statement)))


def hold_tried_hooks(tx: Tx, source: str) -> None:
    """Its far side answers again, and it is paused: looks that were put off are due with the resume."""
    tx.execute(update(arrivals).where(_free_hooks(source, arrivals.c.attempt > 0)).values(is_held=True))


def _free_hooks(source: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Without waiting for a turn that has some of them: at its end it asks for the account, which may be ours. That turn itself
    hastens those it was holding (`flow.accounts.write_down`).
    """
    is_new = and_(arrivals.c.source == source, says(arrivals.c.state, ArrivalState.NEW))
    mine = select(arrivals.c.id).where(is_new, which)
    return arrivals.c.id.in_(mine.with_for_update(skip_locked=True, of=arrivals))


def by_account(tx: Tx, reason: str) -> dict[str, int]:
    """How many errands this reason holds, by the account they would go to."""
    slug = case((says(errands.c.side, Side.CASE), links.c.case_system), else_=links.c.integration)
    statement = _counted(slug, reason, None).group_by(slug)
    return {row[0]: row[1] for row in tx.execute(statement)}


def cases_not_opened(tx: Tx) -> list[str]:
    """Cases that ask for an incident, and whose opening is held. Those that failed are told apart from them."""
    which = (says(errands.c.state, ErrandState.HELD), errands.c.kind == ErrandKind.OPEN)
    statement = select(links.c.case_id).join(errands, errands.c.link_id == links.c.id).where(*which)
    return list(tx.scalars(statement.order_by(links.c.id)))


def lying_for(tx: Tx, slug: str) -> int:
    """How many errands wait or are held that would go to this account."""
    lies = (_of_account(slug, Side.CASE), _of_account(slug, Side.INCIDENT))
    statement = select(func.count()).where(or_(*lies), says_one_of(errands.c.state, LYING))
    return tx.execute(statement).scalar_one()


def by_paused_account(tx: Tx, reason: str) -> dict[str, int]:
    """How many errands, of whichever side, each paused account holds; those of a paused link are that one's."""
    is_either = or_(integrations.c.slug == links.c.case_system, integrations.c.slug == links.c.integration)
    slug = integrations.c.slug
    statement = _counted(slug, reason, is_link_paused=False).join(integrations, is_either).group_by(slug)
    return {row[0]: row[1] for row in tx.execute(statement.where(integrations.c.paused_at.is_not(None)))}


def by_link(tx: Tx, reason: str, *, is_link_paused: bool | None = None) -> dict[int, int]:
    """How many errands this reason holds, by their link."""
    statement = _counted(errands.c.link_id, reason, is_link_paused).group_by(errands.c.link_id)
    return {row[0]: row[1] for row in tx.execute(statement.order_by(errands.c.link_id))}


def _counted(what: ColumnElement[Any], reason: str, is_link_paused: bool | None) -> Select[Any, int]:  # noqa: FBT001
    statement = select(what, func.count()).join(links, links.c.id == errands.c.link_id).where(_is_held(reason))
    return statement if is_link_paused is None else statement.where(links.c.is_paused == is_link_paused)


def _is_held(reason: str) -> ColumnElement[bool]:
    return and_(says(errands.c.state, ErrandState.HELD), errands.c.held_reason == reason)
