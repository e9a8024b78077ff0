"""Looks over what an account may have changed unheard: asked for, taken by one worker at a time, and kept as history.

Whoever has taken one is known by the end of his lease: what somebody slower still wants to write is not written.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from syncd.core.lifecycle import ArrivalState

from . import marks, rests
from .columns import Moment, many, says, storable
from .database import Tx
from .tables import arrivals
from .tables_of_accounts import integrations
from .tables_of_looks import reconciles

POLLING = "polling"
ASKED = "asked"  # by a person
FRONT = "front"  # of the list of changes, kept as its cursor: all that stands before that list is done
BRIEF_EVERY = timedelta(minutes=1)  # at most; a daemon that starts again and again asks for no more
LEASE = timedelta(minutes=2)  # renewed with every page, and before every wait


@dataclass(frozen=True, slots=True)
class Reconcile:
    id: int
    integration: str
    since: datetime
    why: str
    cursor: str
    is_deep: bool
    lease_until: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Failed:
    slug: str
    since: datetime
    ended_at: datetime
    why: str


def ask(
    tx: Tx,
    slug: str,
    since: datetime,
    *,
    why: str,
    by: str,
    now: datetime,
    is_deep: bool = False,
    is_brief: bool = False,
) -> int:
    """One that waits already begins as early as both want, and anew: of a list it stands in the middle of, what is newer is
    never shown to it. A brief one asks only for what has changed, and not for everything that is open.
    """
    _hold_others_back(tx, slug)
    statement = (
        update(reconciles)
        .where(reconciles.c.integration == slug, says(reconciles.c.state, "waiting"))
        .values(
            since=case((reconciles.c.since > since, literal(since, Moment())), else_=reconciles.c.since),
            is_deep=or_(reconciles.c.is_deep, literal(is_deep, Boolean())),
            cursor=case((reconciles.c.cursor == "", ""), else_=FRONT) if is_brief else literal(""),
            next_at=reconciles.c.next_at if is_brief else _at_once(now),
            **_asked_instead_of_a_poll(why, by),
        )
        .returning(reconciles.c.id)
    )
    there = tx.execute(statement).scalar_one_or_none()
    if there is not None:
        return int(there)
    values = {
        "integration": slug,
        "since": since,
        "why": why,
        "asked_by": storable(by),
        "asked_at": now,
        "state": "waiting",
        "next_at": _next_brief(tx, slug, now) if is_brief else now,
        "cursor": FRONT if is_brief else "",
        "is_deep": is_deep,
        "differences": 0,
    }
    return int(tx.execute(insert(reconciles).values(**values).returning(reconciles.c.id)).scalar_one())


def _at_once(now: datetime) -> ColumnElement[datetime]:
    """For one that was only not to begin yet; what had to be put off stays so."""
    is_still_to_begin = and_(reconciles.c.detail == "", reconciles.c.next_at > now)
    return case((is_still_to_begin, literal(now, Moment())), else_=reconciles.c.next_at)


def _asked_instead_of_a_poll(why: str, by: str) -> dict[str, ColumnElement[str]]:
    """A poll becomes what somebody asks for, who may not rely on what polls have read."""
    is_poll = reconciles.c.why == POLLING
    return {
        "why": case((is_poll, literal(why)), else_=reconciles.c.why),
        "asked_by": case((is_poll, literal(storable(by))), else_=reconciles.c.asked_by),
    }


def _next_brief(tx: Tx, slug: str, now: datetime) -> datetime:
    """Until it begins, further ones are asked for with it."""
    last = latest(tx, slug)
    return now if last is None else max(now, last["next_at"] + BRIEF_EVERY)


def _hold_others_back(tx: Tx, slug: str) -> None:
    """Of several who want one to wait at once only one may find that none does."""
    tx.execute(select(integrations.c.slug).where(integrations.c.slug == slug).with_for_update())


def is_any_due(tx: Tx, now: datetime) -> bool:
    return tx.execute(select(reconciles.c.id).where(_is_due(now)).limit(1)).first() is not None


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_left = and_(says(reconciles.c.state, "running"), reconciles.c.lease_until < now)
    return or_(and_(says(reconciles.c.state, "waiting"), reconciles.c.next_at <= now), is_left)


def take(tx: Tx, now: datetime) -> Reconcile | None:
    """The next one that is due, or that whoever had it has left behind."""
    due = select(reconciles).where(_is_due(now)).order_by(reconciles.c.id).limit(1)
    row = tx.execute(due.with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    until = now + LEASE
    tx.execute(update(reconciles).where(reconciles.c.id == row.id).values(state="running", lease_until=until))
    return Reconcile(row.id, row.integration, row.since, row.why, row.cursor, row.is_deep, until, row.asked_at)


def _is_his(taken: Reconcile) -> ColumnElement[bool]:
    is_running = says(reconciles.c.state, "running")
    return and_(reconciles.c.id == taken.id, is_running, reconciles.c.lease_until == taken.lease_until)


def went_on(tx: Tx, taken: Reconcile, *, cursor: str, requests: int, found: int, now: datetime) -> Reconcile | None:
    """As it is his from now on. None: it is somebody else's by now, and nothing was written."""
    until = now + LEASE
    values = {
        "cursor": cursor,
        "lease_until": until,
        "requests": reconciles.c.requests + requests,
        "found": reconciles.c.found + found,
    }
    is_his_still = tx.execute(update(reconciles).where(_is_his(taken)).values(**values)).rowcount == 1
    return replace(taken, lease_until=until) if is_his_still else None


def unbegun(tx: Tx, slug: str, records: Collection[str], after: datetime) -> dict[str, int]:
    """Those of these records that a look over their account had to be read, and whose reading nobody has begun: the hook of each.

    None has tried, or the next try is later than `after`, by which all that are under way were due.
    """
    if not records:
        return {}
    given = {"slug": slug, "records": list(records), "after": after}
    return {row.record: row.id for row in tx.execute(_UNBEGUN, given)}


_IS_UNTOUCHED = and_(arrivals.c.attempt == 0, arrivals.c.next_at == arrivals.c.received_at)
_UNBEGUN = (
    select(arrivals.c.record, arrivals.c.id)
    .where(arrivals.c.record.in_(many("records")), says(arrivals.c.state, ArrivalState.NEW))
    .where(arrivals.c.source == bindparam("slug"), arrivals.c.reconcile_id.is_not(None))
    .where(or_(_IS_UNTOUCHED, arrivals.c.next_at > bindparam("after", type_=Moment())))
)


def differed(tx: Tx, found: Mapping[int, int]) -> None:
    """In what they had read, by their ids: counted when it is understood, which may be after their ends."""
    for number in sorted(number for number, count in found.items() if count):
        counted = update(reconciles).where(reconciles.c.id == number)
        tx.execute(counted.values(differences=reconciles.c.differences + found[number]))


def renew(tx: Tx, taken: Reconcile, now: datetime) -> Reconcile | None:
    """He goes on waiting where he is. None: it is somebody else's by now."""
    until = now + LEASE
    is_his_still = tx.execute(update(reconciles).where(_is_his(taken)).values(lease_until=until)).rowcount == 1
    return replace(taken, lease_until=until) if is_his_still else None


def put_off(tx: Tx, taken: Reconcile, detail: str, next_at: datetime) -> None:
    """It goes on where it stopped. Whoever was asked for meanwhile takes its place, from the earlier moment on."""
    _hold_others_back(tx, taken.integration)
    row = tx.execute(select(reconciles).where(_is_his(taken)).with_for_update()).one_or_none()
    if row is None:
        return
    other = select(reconciles.c.id).where(
        reconciles.c.integration == row.integration, says(reconciles.c.state, "waiting")
    )
    if tx.execute(other).scalar_one_or_none() is not None:
        ask(tx, row.integration, row.since, why=row.why, by=row.asked_by, now=next_at, is_deep=row.is_deep)
        _end(tx, taken, f"{detail} It was taken over by the one that was asked for after it.", next_at)
        return
    values = {"state": "waiting", "next_at": next_at, "lease_until": None, "detail": storable(detail)}
    tx.execute(update(reconciles).where(_is_his(taken)).values(**values))


def hasten(tx: Tx, slug: str, now: datetime) -> None:
    """What kept it waiting may be over."""
    due = rests.not_before(integrations.c.slug == slug, now)
    waits = (reconciles.c.integration == slug, says(reconciles.c.state, "waiting"), reconciles.c.next_at > due)
    tx.execute(update(reconciles).where(*waits).values(next_at=due))


def finish(tx: Tx, taken: Reconcile, now: datetime) -> None:
    """It has come to its end, and what it covered need not be looked over again."""
    _hold_others_back(tx, taken.integration)
    if _end(tx, taken, "", now):
        marks.move(tx, taken.integration, taken.since, taken.asked_at, is_deep=taken.is_deep)


def fail(tx: Tx, taken: Reconcile, detail: str, now: datetime) -> None:
    """It was refused for good. What is asked for after it begins where that wants to, and its marks stay where they are."""
    _hold_others_back(tx, taken.integration)
    _end(tx, taken, detail, now, is_failed=True)


def _end(tx: Tx, taken: Reconcile, detail: str, now: datetime, *, is_failed: bool = False) -> bool:
    """The release before knows no other end than `done`, and may run beside this one."""
    values = {
        "state": "done",
        "is_failed": is_failed,
        "lease_until": None,
        "ended_at": now,
        "detail": storable(detail),
    }
    return tx.execute(update(reconciles).where(_is_his(taken)).values(**values)).rowcount == 1


def forget_polls(tx: Tx, slug: str) -> None:
    """One every quarter of a minute is no history. The account's marks tell up to where they came. Of those that failed the last
    stays: nobody else says so.
    """
    is_old = (reconciles.c.integration == slug, reconciles.c.why == POLLING, says(reconciles.c.state, "done"))
    failed = reconciles.alias()
    last = select(func.max(failed.c.id)).where(failed.c.integration == slug, failed.c.is_failed).scalar_subquery()
    tx.execute(delete(reconciles).where(*is_old, or_(~reconciles.c.is_failed, reconciles.c.id < last)))


def failed(tx: Tx, slug: str = "") -> list[Failed]:
    """Looks that were refused for good, and that no later one has made good: it reached as far back, or a person has asked
    for it since and knew from when on. The newest of each account; of one, or of all.
    """
    later = reconciles.alias()
    is_good = (says(later.c.state, "done"), ~later.c.is_failed, later.c.detail == "")
    covers = or_(later.c.since <= reconciles.c.since, later.c.why == ASKED)
    is_made_good = exists().where(
        later.c.integration == reconciles.c.integration, later.c.id > reconciles.c.id, *is_good, covers
    )
    columns = (
        reconciles.c.integration,
        reconciles.c.since,
        reconciles.c.ended_at,
        reconciles.c.detail,
    )
    which = select(*columns).where(reconciles.c.is_failed, ~is_made_good).order_by(reconciles.c.id)
    if slug:
        which = which.where(reconciles.c.integration == slug)
    return list({row[0]: Failed(row[0], row[1], row[2] or row[1], row[3]) for row in tx.execute(which)}.values())


def latest(tx: Tx, slug: str) -> dict[str, Any] | None:
    """The last that was asked for, in whatever state."""
    mine = select(reconciles).where(reconciles.c.integration == slug).order_by(reconciles.c.id.desc()).limit(1)
    row = tx.execute(mine).mappings().one_or_none()
    return None if row is None else dict(row)


def has_found_since(tx: Tx, slug: str, at: datetime) -> bool:
    """Whether a look that was asked for later has found what no hook had told."""
    is_it = (reconciles.c.integration == slug, reconciles.c.asked_at >= at, reconciles.c.differences > 0)
    return tx.execute(select(reconciles.c.id).where(*is_it).limit(1)).first() is not None


def put_off_since(tx: Tx, before: datetime) -> list[tuple[str, datetime, str]]:
    """Asked for by then, put off at least once, and not done: whose, since when, and why."""
    is_behind = (~says(reconciles.c.state, "done"), reconciles.c.asked_at < before, reconciles.c.detail != "")
    columns = (reconciles.c.integration, reconciles.c.asked_at, reconciles.c.detail)
    return [
        (row[0], row[1], row[2]) for row in tx.execute(select(*columns).where(*is_behind).order_by(reconciles.c.id))
    ]


def to_come(tx: Tx) -> list[tuple[str, datetime]]:
    """Not at their ends yet: whose, and since when. A poll is one of many, and says nothing."""
    is_to_come = (~says(reconciles.c.state, "done"), reconciles.c.why != POLLING)
    statement = select(reconciles.c.integration, reconciles.c.since).where(*is_to_come).order_by(reconciles.c.id)
    return [(row[0], row[1]) for row in tx.execute(statement)]


def is_deep_to_come(tx: Tx, slug: str) -> bool:
    """One that reads every record is not at its end yet, whenever it was asked for."""
    mine = select(reconciles.c.id).where(reconciles.c.integration == slug, reconciles.c.is_deep)
    return tx.execute(mine.where(~says(reconciles.c.state, "done")).limit(1)).first() is not None


def listing(tx: Tx, *, limit: int = 100, within: Collection[str] = ()) -> list[dict[str, Any]]:
    """`within`: of these accounts only; none named: of all."""
    which = select(reconciles).order_by(reconciles.c.id.desc()).limit(limit)
    if within:
        which = which.where(reconciles.c.integration.in_(within))
    return [dict(row) for row in tx.execute(which).mappings()]
