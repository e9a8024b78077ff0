"""Errands: added under their link's row lock, claimed at the head of their lane, settled by whoever holds the token."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CursorResult,
    Row,
    and_,
    bindparam,
    case,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from syncd.core.changes import Actor, Side, Verb
from syncd.core.errand import FIELD_OF_WISH, Draft, Errand, ErrandKind, Replay
from syncd.core.lifecycle import ErrandState
from syncd.errors import Conflict
from syncd.tracing import context

from .columns import Moment, Name, many, says, says_one_of
from .database import Tx
from .tables import errands

Spot = tuple[int, Side, ErrandKind]
Line = Mapping[str, Any]  # a request that led up to another, as rows show it
_INSERT = insert(errands)
LYING = (ErrandState.WAITING, ErrandState.HELD)
LIVE = (ErrandState.WAITING, ErrandState.SENDING, ErrandState.HELD)
ENDED_UNDONE = (ErrandState.WITHDRAWN, ErrandState.DEAD)  # In the order of the index.
REPLAYED = "replayed"  # How it was dealt with: another errand is made of it.
PARKED = "parked"  # Or: a person does not want it sent.
ON_ITS_WAY = (ErrandState.WAITING, ErrandState.SENDING)
_WISHES = tuple(FIELD_OF_WISH)  # In the order of the index.
NOTES = (ErrandKind.NOTE, ErrandKind.CLOSING_NOTE)


@dataclass(frozen=True, slots=True)
class StoredErrand:
    """An errand with where it came from, for its rows."""

    id: int
    link_id: int
    errand: Errand
    token: str
    begun_at: datetime | None
    arrival_id: int | None
    occurred_at: datetime | None
    received_at: datetime | None
    by_name: str
    far_id: str
    replay: Replay | None
    looked: Sequence[Line]
    created_at: datetime | None = None
    made_by: str = ""
    by_email: str = ""
    trace: str = ""

    @property
    def by(self) -> Actor:
        return Actor(self.by_name, email=self.by_email)

    @property
    def marker(self) -> str:
        """Never that of another errand: a restored backup gives the same ids once more."""
        return str(self.id) if self.created_at is None else f"{self.id}-{self.created_at:%Y%m%dT%H%M%S.%f}"


@dataclass(frozen=True, slots=True)
class Oldest:
    since: datetime
    id: int
    link_id: int


@dataclass(frozen=True, slots=True)
class NewErrand:
    link_id: int
    draft: Draft
    shard: int
    now: datetime
    arrival_id: int | None = None
    received_at: datetime | None = None
    held: str = ""
    looked: Sequence[Line] = ()  # requests that led to it, for the row of its first attempt
    replay: Replay | None = None
    doubtful_until: datetime | None = None  # it may stand already: look first, and not before then
    not_before: datetime | None = None
    trace: str = field(default_factory=context.begun)  # of the news it carries on, or of whoever asks for it


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that is about to happen."""

    id: int
    token: str
    asked: Any  # the wish it carries, as JSON


@dataclass(frozen=True, slots=True)
class Finished:
    id: int
    state: ErrandState
    far_id: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    id: int
    replaced: StoredErrand | None = None  # the wish as it was, which this one re-aimed before it was sent


def add(tx: Tx, new: NewErrand) -> Added:
    """Put it at the end of its lane. Of a wish at most one waits: a further one only re-aims it."""
    draft = new.draft
    waiting = _waiting_wish(tx, new.link_id, draft.side, draft.kind) if draft.kind in FIELD_OF_WISH else None
    if waiting is None:
        return Added(tx.execute(insert(errands).values(_values(new)).returning(errands.c.id)).scalar_one())
    values: dict[str, Any] = {
        "arrival_id": new.arrival_id,
        "received_at": new.received_at,
        "occurred_at": draft.occurred_at,
        "looked": [*waiting.looked, *new.looked] or None,
        "trace": new.trace,
        **_of_replay(new.replay),
    }
    tx.execute(update(errands).where(errands.c.id == waiting.id).values(change=draft.change, **_by(draft), **values))
    return Added(waiting.id, waiting)


def add_many(tx: Tx, rows: Sequence[NewErrand]) -> None:
    """In this order, to the ends of their lanes. Of a wish only when none waits: the table refuses a second one."""
    if rows:
        tx.execute(_INSERT, [_values(row) for row in rows])


def _values(new: NewErrand) -> dict[str, Any]:
    draft = new.draft
    return {
        "link_id": new.link_id,
        "side": draft.side,
        "kind": draft.kind,
        "change": draft.change,
        "text": draft.text,
        "author": draft.author,
        **_by(draft),
        "state": ErrandState.HELD if new.held else ErrandState.WAITING,
        "held_reason": new.held,
        "next_at": max(new.now, new.doubtful_until or new.now, new.not_before or new.now),
        "is_doubtful": new.doubtful_until is not None,
        "arrival_id": new.arrival_id,
        "occurred_at": draft.occurred_at,
        "received_at": new.received_at,
        "created_at": new.now,
        "shard": new.shard,
        "looked": list(new.looked) or None,
        "trace": new.trace,
        **_of_replay(new.replay),
    }


def _by(draft: Draft) -> dict[str, str]:
    return {"by_name": draft.by.name, "by_email": draft.by.email}


def _of_replay(replay: Replay | None) -> dict[str, Any]:
    return (
        {"replay_of": None, "replayed_by": ""} if replay is None else {"replay_of": replay.of, "replayed_by": replay.by}
    )


def waiting_wishes(tx: Tx, link_ids: Sequence[int]) -> set[Spot]:
    """Where a wish waits already, for many links at once."""
    if not link_ids:
        return set()
    return {(row.link_id, Side(row.side), ErrandKind(row.kind)) for row in tx.execute(_WAITING, {"links": link_ids})}


_WAITING = select(errands.c.link_id, errands.c.side, errands.c.kind).where(
    errands.c.link_id.in_(many("links")), says_one_of(errands.c.kind, _WISHES), says_one_of(errands.c.state, LYING)
)


def _waiting_wish(tx: Tx, link_id: int, side: Side, kind: ErrandKind) -> StoredErrand | None:
    statement = select(errands).where(
        errands.c.link_id == link_id,
        errands.c.side == side,
        errands.c.kind == kind,
        says_one_of(errands.c.kind, _WISHES),
        says_one_of(errands.c.state, LYING),
    )
    row = tx.execute(statement).one_or_none()
    return None if row is None else as_stored(row)


def begin(tx: Tx, attempts: Sequence[Begun], *, now: datetime, lease_until: datetime, by: str = "") -> None:
    """The write-ahead: that these attempts are about to happen is known before they do. Of errands that are locked. By: the
    process that makes them, if another one could tell that it is gone.
    """
    if not attempts:
        return
    values = [{"b_id": one.id, "b_token": one.token, "b_asked": one.asked, "b_now": now} for one in attempts]
    _one_each(tx.execute(_BEGIN, [{**one, "b_lease": lease_until, "b_by": by} for one in values]), len(attempts))


_BEGIN = (
    update(errands)
    .where(errands.c.id == bindparam("b_id"), errands.c.state == ErrandState.WAITING)
    .values(
        state=ErrandState.SENDING,
        attempt=errands.c.attempt + 1,
        token=bindparam("b_token"),
        begun_at=bindparam("b_now"),
        first_begun_at=func.coalesce(errands.c.first_begun_at, bindparam("b_now", type_=Moment())),
        lease_until=bindparam("b_lease"),
        made_by=bindparam("b_by"),
        asked=bindparam("b_asked"),
    )
)


def _one_each(result: CursorResult[Any], count: int) -> None:
    if result.rowcount != count:
        raise Conflict("An errand was changed by somebody else at the same moment.")


def under_way(tx: Tx, tokens: Sequence[str]) -> dict[str, StoredErrand]:
    """Those of these attempts that still hold their errand, by token."""
    if not tokens:
        return {}
    return {row.token: as_stored(row) for row in tx.execute(_UNDER_WAY, {"tokens": tokens})}


_UNDER_WAY = (
    select(errands)
    .where(errands.c.token.in_(many("tokens")), says(errands.c.state, ErrandState.SENDING))
    .with_for_update()
)


def finish(tx: Tx, ended: Sequence[Finished]) -> None:
    """Nothing more will be done for them."""
    if ended:
        tx.execute(_FINISH, [{"b_id": one.id, "b_state": one.state, "b_far_id": one.far_id} for one in ended])


_FINISH = (
    update(errands)
    .where(errands.c.id == bindparam("b_id"), or_(*(errands.c.state == one for one in LIVE)))
    .values(
        state=bindparam("b_state"),
        token="",
        lease_until=None,
        far_id=case(
            (bindparam("b_far_id", type_=Name) != "", bindparam("b_far_id", type_=Name)), else_=errands.c.far_id
        ),
    )
)


def give_back(
    tx: Tx, stored: StoredErrand, next_at: datetime, *, is_doubtful: bool, held: str = "", is_tried: bool = True
) -> bool:
    """Back to waiting. False: a newer wish for the same field waits already; it takes over, and this one ends."""
    kind, side = stored.errand.kind, stored.errand.side
    newer = _waiting_wish(tx, stored.link_id, side, kind) if kind in FIELD_OF_WISH else None
    doubtful = is_doubtful or stored.errand.is_doubtful
    if newer is not None:
        finish(tx, [Finished(stored.id, ErrandState.WITHDRAWN)])
        values: dict[str, Any] = {"next_at": next_at, "is_doubtful": doubtful, "begun_at": stored.begun_at}
        tx.execute(update(errands).where(errands.c.id == newer.id).values(**values, **_lying(held)))
        return False
    tx.execute(
        update(errands)
        .where(errands.c.id == stored.id, says(errands.c.state, ErrandState.SENDING))
        .values(
            token="",
            lease_until=None,
            next_at=next_at,
            is_doubtful=doubtful,
            attempt=errands.c.attempt - (0 if is_tried else 1),
            **{"state": ErrandState.WAITING, **_lying(held)},
        )
    )
    return True


def _lying(held: str) -> dict[str, Any]:
    return {"state": ErrandState.HELD, "held_reason": held} if held else {}


def looked_besides(tx: Tx, stored: StoredErrand, lines: Sequence[Line]) -> None:
    """More requests that led to it, for the row of its first attempt."""
    tx.execute(update(errands).where(errands.c.id == stored.id).values(looked=[*stored.looked, *lines]))


def postpone(tx: Tx, errand_id: int, next_at: datetime) -> None:
    """Nothing was tried; the same one again later."""
    tx.execute(
        update(errands)
        .where(errands.c.id == errand_id, says(errands.c.state, ErrandState.WAITING))
        .values(next_at=next_at)
    )


def notes_in_flight(tx: Tx, link_id: int, side: Side) -> list[StoredErrand]:
    """Notes of ours that stand there perhaps, and whose id we do not know: yet, or because they ended without an answer.

    Of one that was replayed its replay is: should it stand there, that is to find it.
    """
    nameless = and_(
        errands.c.link_id == link_id,
        errands.c.side == side,
        errands.c.kind.in_(NOTES),
        errands.c.far_id == "",
    )
    is_out = or_(says(errands.c.state, ErrandState.SENDING), errands.c.is_doubtful)
    live = select(errands).where(nameless, says_one_of(errands.c.state, LIVE), is_out)
    is_left = and_(errands.c.is_doubtful, errands.c.dealt_with != REPLAYED)
    ended = select(errands).where(nameless, is_left, says_one_of(errands.c.state, ENDED_UNDONE))
    # Two questions, so that each has its index.
    return sorted((as_stored(row) for row in tx.execute(live.union_all(ended))), key=lambda one: one.id)


def found_standing(tx: Tx, errand_id: int, far_id: str) -> None:
    """A hook has told us which note is this errand's."""
    tx.execute(update(errands).where(errands.c.id == errand_id).values(far_id=far_id))


def counts(tx: Tx) -> dict[str, int]:
    statement = select(errands.c.state, func.count()).group_by(errands.c.state)
    return {row[0]: row[1] for row in tx.execute(statement)}


def oldest(tx: Tx, states: Collection[ErrandState]) -> Oldest | None:
    """Of those in these states the one that was asked for first. All live, so that the index of the live serves."""
    since = type_coerce(func.coalesce(errands.c.received_at, errands.c.created_at), errands.c.created_at.type)
    which = and_(says_one_of(errands.c.state, LIVE), errands.c.state.in_(states))
    statement = select(since, errands.c.id, errands.c.link_id).where(which).order_by(since, errands.c.id).limit(1)
    row = tx.execute(statement).one_or_none()
    return None if row is None else Oldest(*row)


def count_live(tx: Tx, link_id: int) -> int:
    statement = select(func.count()).where(errands.c.link_id == link_id, says_one_of(errands.c.state, LIVE))
    return tx.execute(statement).scalar_one()


def of_link(tx: Tx, link_id: int) -> list[dict[str, Any]]:
    statement = select(errands).where(errands.c.link_id == link_id).order_by(errands.c.id)
    return [dict(row) for row in tx.execute(statement).mappings()]


def as_stored(row: Row[*tuple[Any, ...]]) -> StoredErrand:
    errand = Errand(
        id=str(row.id),
        link_id=str(row.link_id),
        side=Side(row.side),
        kind=ErrandKind(row.kind),
        change=Verb(row.change),
        attempt=row.attempt,
        text=row.text,
        author=row.author,
        is_doubtful=row.is_doubtful,
        first_begun_at=row.first_begun_at,
        is_put_aside=row.dealt_with == PARKED,
    )
    return StoredErrand(
        row.id,
        row.link_id,
        errand,
        row.token,
        row.begun_at,
        row.arrival_id,
        row.occurred_at,
        row.received_at,
        row.by_name,
        row.far_id,
        None if row.replay_of is None else Replay(row.replay_of, row.replayed_by),
        row.looked or (),
        row.created_at,
        row.made_by,
        row.by_email,
        row.trace,
    )
