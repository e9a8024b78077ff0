"""What a person has to know, once for its cause; and what was told of it to whom."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, update

from .columns import says, storable
from .database import Tx
from .tables_of_signals import notices, telling_attempts, tellings

OPENED, CLEARED = "opened", "cleared"
WAITING, TOLD, WITHDRAWN, FAILED = "waiting", "told", "withdrawn", "failed"
RETRYING = "retrying"


@dataclass(frozen=True, slots=True)
class Notice:
    id: int
    kind: str
    cause: str
    what: str
    remedy: str
    opened_at: datetime
    cleared_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that somebody has taken to bring: the `attempt`th time."""

    id: int
    notice: Notice
    channel: str
    event: str
    attempt: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LastAttempt:
    channel: str
    at: datetime
    outcome: str
    detail: str


def standing(tx: Tx) -> dict[tuple[str, str], Notice]:
    found = [Notice(*row) for row in tx.execute(select(notices).where(notices.c.cleared_at.is_(None)))]
    return {(one.kind, one.cause): one for one in found}


def listing(tx: Tx, limit: int, *, before: int | None = None, is_standing: bool = False) -> list[Notice]:
    """Newest first; those that are over among them. `before`: the id that the page before ended with."""
    which = select(notices).order_by(notices.c.id.desc()).limit(limit)
    if before is not None:
        which = which.where(notices.c.id < before)
    if is_standing:
        which = which.where(notices.c.cleared_at.is_(None))
    return [Notice(*row) for row in tx.execute(which)]


def raise_(tx: Tx, kind: str, cause: str, what: str, remedy: str, now: datetime) -> int:
    values = {"kind": kind, "cause": cause, "what": storable(what), "remedy": storable(remedy), "opened_at": now}
    return tx.execute(insert(notices).values(**values).returning(notices.c.id)).scalar_one()


def clear(tx: Tx, notice_id: int, now: datetime) -> None:
    tx.execute(update(notices).where(notices.c.id == notice_id).values(cleared_at=now))


def queue(tx: Tx, notice_id: int, channels: Collection[str], event: str, now: datetime) -> None:
    made = {"notice_id": notice_id, "event": event, "state": WAITING, "attempt": 0, "next_at": now, "created_at": now}
    for channel in channels:
        tx.execute(insert(tellings).values(channel=channel, **made))


def withdraw_opened(tx: Tx, notice_id: int) -> set[str]:
    """What nobody was told yet is not told any more. The channels that may have been told, and have to hear its end."""
    tx.execute(update(tellings).where(_waits_as_opened(notice_id)).values(state=WITHDRAWN))
    heard = select(tellings.c.channel).where(
        tellings.c.notice_id == notice_id, tellings.c.event == OPENED, tellings.c.attempt > 0
    )
    return set(tx.scalars(heard))


def _waits_as_opened(notice_id: int) -> ColumnElement[bool]:
    is_of_it = and_(tellings.c.notice_id == notice_id, tellings.c.event == OPENED)
    return and_(is_of_it, says(tellings.c.state, WAITING))


def take(tx: Tx, channels: Collection[str], now: datetime, until: datetime) -> Telling | None:
    """One that is due, for one of all who ask until then. An end is told after its beginning."""
    first = tellings.alias("first")
    is_behind = exists().where(
        first.c.notice_id == tellings.c.notice_id,
        first.c.channel == tellings.c.channel,
        first.c.state == WAITING,
        first.c.id < tellings.c.id,
    )
    due = and_(says(tellings.c.state, WAITING), tellings.c.next_at <= now, tellings.c.channel.in_(channels), ~is_behind)
    wanted = select(tellings.c.id).where(due).order_by(tellings.c.next_at, tellings.c.id).limit(1)
    number = tx.execute(wanted.with_for_update(skip_locked=True)).scalar_one_or_none()
    if number is None:
        return None
    values = {"next_at": until, "attempt": tellings.c.attempt + 1}
    tx.execute(update(tellings).where(tellings.c.id == number).values(**values))
    row = tx.execute(select(tellings, notices).join(notices).where(tellings.c.id == number)).one()
    notice = Notice(*row[len(tellings.c) :])
    return Telling(row[0], notice, row.channel, row.event, row.attempt, row.created_at)


def end(tx: Tx, one: Telling, outcome: str, detail: str, now: datetime, next_at: datetime | None = None) -> None:
    """A row for the attempt, and what is to become of the message, unless it was withdrawn meanwhile."""
    row = {"telling_id": one.id, "channel": one.channel, "attempt": one.attempt, "at": now, "outcome": outcome}
    tx.execute(insert(telling_attempts).values(detail=storable(detail), **row))
    values: dict[str, object] = {"state": WAITING, "next_at": next_at} if next_at else {"state": outcome}
    if outcome == TOLD:
        values["told_at"] = now
    is_mine = (tellings.c.id == one.id, tellings.c.attempt == one.attempt, tellings.c.state == WAITING)
    tx.execute(update(tellings).where(*is_mine).values(**values))


def last_attempts(tx: Tx) -> Sequence[LastAttempt]:
    """Of each channel."""
    newest = select(func.max(telling_attempts.c.id)).group_by(telling_attempts.c.channel)
    columns = [telling_attempts.c[name] for name in ("channel", "at", "outcome", "detail")]
    rows = tx.execute(select(*columns).where(telling_attempts.c.id.in_(newest)).order_by(telling_attempts.c.channel))
    return [LastAttempt(*row) for row in rows]


def throw_away(tx: Tx, ids: Collection[int], before: datetime) -> int:
    """Of these the ones that were over before that, with all that was told of them; one that is just being told of waits."""
    newest = select(func.max(notices.alias().c.id)).scalar_subquery()  # SQLite would give its number out again
    is_told_of = exists().where(
        tellings.c.notice_id == notices.c.id, says(tellings.c.state, WAITING), tellings.c.next_at > before
    )
    may_go = (notices.c.cleared_at < before, notices.c.id < newest, ~is_told_of)
    free = select(notices.c.id).where(notices.c.id.in_(ids), *may_go).with_for_update(skip_locked=True)
    gone = list(tx.scalars(free))
    told = list(tx.scalars(select(tellings.c.id).where(tellings.c.notice_id.in_(gone))))
    tx.execute(delete(telling_attempts).where(telling_attempts.c.telling_id.in_(told)))
    tx.execute(delete(tellings).where(tellings.c.id.in_(told)))
    return tx.execute(delete(notices).where(notices.c.id.in_(gone))).rowcount
