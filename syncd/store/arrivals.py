"""Hooks as they came in, before anything is done with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    String,
    Text,
    and_,
    bindparam,
    case,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from syncd.core.errand import Replay
from syncd.core.lifecycle import ArrivalState
from syncd.tracing import context

from .columns import Moment, many, says
from .database import Tx
from .tables import arrivals

Record = tuple[str, str]  # a source, and what it calls the record


@dataclass(frozen=True, slots=True)
class NewArrival:
    source: str
    event_key: str | None
    event_type: str
    record: str
    body: bytes
    received_at: datetime
    shard: int
    replay: Replay | None = None  # only of one without a key
    reconcile_id: int | None = None  # likewise
    trace: str = field(default_factory=context.begun)


@dataclass(frozen=True, slots=True)
class Arrival:
    id: int
    source: str
    event_key: str | None
    event_type: str
    record: str
    body: bytes
    received_at: datetime
    attempt: int
    replay_of: int | None = None
    replayed_by: str = ""
    reconcile_id: int | None = None
    trace: str = ""  # of one that the release before has taken in

    @property
    def of(self) -> Record:
        return self.source, self.record

    @property
    def replay(self) -> Replay | None:
        return None if self.replay_of is None else Replay(self.replay_of, self.replayed_by)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that is still to be planned: due, or not tried yet."""

    id: int
    received_at: datetime
    is_due: bool
    is_untried: bool
    is_behind: bool


_COLUMNS = (
    arrivals.c.id,
    arrivals.c.source,
    arrivals.c.event_key,
    arrivals.c.event_type,
    arrivals.c.record,
    arrivals.c.body,
    arrivals.c.received_at,
    arrivals.c.attempt,
    arrivals.c.replay_of,
    arrivals.c.replayed_by,
    arrivals.c.reconcile_id,
    arrivals.c.trace,
)


def add_many(tx: Tx, rows: Sequence[NewArrival]) -> list[int | None]:
    """The id each row got, in the order given; None where its event was here before."""
    first: dict[tuple[str, str], NewArrival] = {}
    for row in rows:
        if row.event_key is not None:
            first.setdefault((row.source, row.event_key), row)
    # Sorted, so that two receivers that insert the same events never wait for each other in a circle.
    keyed = _insert_new(tx, [first[key] for key in sorted(first)]) if first else {}
    ids: list[int | None] = []
    for row in rows:
        if row.event_key is None:
            ids.append(tx.execute(insert(arrivals).values(_values(row)).returning(arrivals.c.id)).scalar_one())
        else:
            ids.append(keyed.pop((row.source, row.event_key), None))
    return ids


def body_of(tx: Tx, source: str, event_key: str) -> bytes | None:
    """What was taken in under this key; empty where it was pruned since."""
    which = (arrivals.c.source == source, arrivals.c.event_key == event_key)
    return tx.scalars(select(arrivals.c.body).where(*which)).one_or_none()


def _insert_new(tx: Tx, rows: Sequence[NewArrival]) -> dict[tuple[str, str], int]:
    """By source and event key: the ids of those that were not here before."""
    if tx.dialect.name == "postgresql":
        given = tx.execute(_FROM_ARRAYS, {name: [getattr(row, name) for row in rows] for name in _GIVEN})
        return {(source, event_key): arrival_id for source, event_key, arrival_id in given}
    return _insert_on_sqlite(tx, rows)


def _insert_on_sqlite(tx: Tx, rows: Sequence[NewArrival]) -> dict[tuple[str, str], int]:
    """Whoever writes to SQLite writes alone, so the new ids follow one another, in the order of the rows."""
    # Past SQLAlchemy, which would look at each of several hundred parameters: that costs more than the insert. And without
    # RETURNING: for each row it gives, the driver lets other threads run and then waits for its turn again.
    done = tx.exec_driver_sql(_of_size(len(rows)), _flat(rows))
    last = done.lastrowid
    if done.rowcount == len(rows):
        return {(row.source, row.event_key or ""): last - place for place, row in enumerate(reversed(rows))}
    if done.rowcount == 0:
        return {}
    new = tx.execute(select(*_GOT).where(arrivals.c.id > last - done.rowcount))
    return {(row.source, row.event_key or ""): row.id for row in new}


_GIVEN = ("source", "event_key", "event_type", "record", "body", "received_at", "shard", "trace")
_ALIKE: dict[str, ColumnElement[Any]] = {
    "state": literal_column("'new'"),
    "is_unlinked": false(),
    "is_behind": false(),
    "attempt": literal_column("0"),
}
_GOT = (arrivals.c.source, arrivals.c.event_key, arrivals.c.id)


def _from_arrays() -> Executable:
    """One text for groups of all sizes. As arrays of Text, since a cast to a bounded type would cut silently."""
    types = {name: Text() if isinstance(arrivals.c[name].type, String) else arrivals.c[name].type for name in _GIVEN}
    columns = [func.unnest(bindparam(name, type_=postgresql.ARRAY(types[name]))).label(name) for name in _GIVEN]
    rows = select(*columns).subquery()
    names = [*_GIVEN, "next_at", *_ALIKE]
    values = select(*(rows.c[name] for name in _GIVEN), rows.c.received_at.label("next_at"), *_ALIKE.values())
    statement = postgresql.insert(arrivals).from_select(names, values)
    return statement.on_conflict_do_nothing(index_elements=["source", "event_key"]).returning(*_GOT)


_FROM_ARRAYS = _from_arrays()
_SQLITE = sqlite.dialect()
_moment = arrivals.c.received_at.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)


@lru_cache(maxsize=128)
def _of_size(count: int) -> str:
    """Its parameters are those of `_flat`."""
    names = (*_GIVEN, "next_at")
    rows = [{**_ALIKE, **{name: bindparam(f"{name}_{place}") for name in names}} for place in range(count)]
    statement = sqlite.insert(arrivals).values(rows).on_conflict_do_nothing(index_elements=["source", "event_key"])
    return str(statement.compile(dialect=_SQLITE))


def _flat(rows: Sequence[NewArrival]) -> tuple[object, ...]:
    """In the order of the table's columns."""
    flat: list[object] = []
    if _moment is None:
        raise TypeError("SQLite takes no times as they are; the column's type must say how they are written.")
    for row in rows:
        at = _moment(row.received_at)
        flat += (row.source, row.event_key, row.event_type, row.record, row.body, at, at, row.shard, row.trace)
    return tuple(flat)


def _values(row: NewArrival) -> dict[str, object]:
    return {
        "source": row.source,
        "event_key": row.event_key,
        "event_type": row.event_type,
        "record": row.record,
        "body": row.body,
        "received_at": row.received_at,
        "state": ArrivalState.NEW,
        "is_unlinked": False,
        "is_behind": False,
        "attempt": 0,
        "next_at": row.received_at,
        "shard": row.shard,
        "replay_of": row.replay and row.replay.of,
        "replayed_by": row.replay.by if row.replay else "",
        "reconcile_id": row.reconcile_id,
        "trace": row.trace,
    }


def due(tx: Tx, shards: Collection[int], now: datetime, limit: int, besides: Collection[int] = ()) -> list[Arrival]:
    """What waits to be planned, oldest first. On PostgreSQL rows that another worker holds are left to it."""
    if not shards:
        return []
    given = {"shards": shards, "now": now, "limit": limit, "besides": besides or _NO_ID}
    return [_arrival(row) for row in tx.execute(_DUE, given)]


_NO_ID = (0,)  # An empty list would be a question within the question.
_IS_DUE = and_(says(arrivals.c.state, ArrivalState.NEW), arrivals.c.next_at <= bindparam("now", type_=Moment()))
_DUE = (
    select(*_COLUMNS)
    .where(arrivals.c.shard.in_(many("shards")), _IS_DUE, arrivals.c.id.not_in(many("besides")))
    .order_by(arrivals.c.received_at, arrivals.c.id)  # Ids of one group follow its keys, not its time.
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def _arrival(row: Row[*tuple[Any, ...]]) -> Arrival:
    return Arrival(*row)


def waiting(
    tx: Tx, records: Collection[str], now: datetime, until: datetime, besides: Collection[int] = ()
) -> dict[Record, list[Waiting]]:
    """Hooks of these records that are due or were not tried yet, whoever holds them, oldest first.

    Of those that came in later than `until` only the ones that wait for something, or are among `besides`: of a flood the
    others would be read in every turn.
    """
    if not records:
        return {}
    found: dict[Record, list[Waiting]] = {}
    given = {"records": records, "now": now, "until": until, "besides": besides or _NO_ID}
    for row in tx.execute(_OF_RECORDS, given):
        one = Waiting(row.id, row.received_at, row.is_due, row.is_untried, row.is_behind)
        found.setdefault((row.source, row.record), []).append(one)
    return found


_NEXT_AT = arrivals.c.next_at <= bindparam("now", type_=Moment())
_OF_RECORDS = (
    select(
        arrivals.c.source,
        arrivals.c.record,
        arrivals.c.id,
        arrivals.c.received_at,
        _NEXT_AT.label("is_due"),
        (arrivals.c.attempt == 0).label("is_untried"),
        arrivals.c.is_behind,
    )
    .where(arrivals.c.record.in_(many("records")), says(arrivals.c.state, ArrivalState.NEW))
    .where(or_(_NEXT_AT, arrivals.c.attempt == 0, arrivals.c.is_behind))
    .where(
        or_(
            arrivals.c.received_at <= bindparam("until", type_=Moment()),
            ~_NEXT_AT,
            arrivals.c.is_behind,
            arrivals.c.id.in_(many("besides")),
        )
    )
    .order_by(arrivals.c.received_at, arrivals.c.id)
)


def claim(tx: Tx, ids: Sequence[int]) -> dict[int, Arrival]:
    """Those that are still new and that nobody else has, held until the end of this transaction."""
    if not ids:
        return {}
    statement = select(*_COLUMNS).where(arrivals.c.id.in_(ids), says(arrivals.c.state, ArrivalState.NEW))
    return {row.id: _arrival(row) for row in tx.execute(statement.with_for_update(skip_locked=True))}


def planned(tx: Tx, ids: Sequence[int]) -> None:
    _finish(tx, ids, ArrivalState.PLANNED, is_unlinked=False)


def read(tx: Tx, ids: Sequence[int]) -> None:
    """Their records were read for them, and what those said is written down with this."""
    if ids:
        tx.execute(update(arrivals).where(arrivals.c.id.in_(ids)).values(is_read=True))


def unlinked(tx: Tx, ids: Sequence[int]) -> None:
    _finish(tx, ids, ArrivalState.PLANNED, is_unlinked=True)


def unreadable(tx: Tx, ids: Sequence[int]) -> None:
    _finish(tx, ids, ArrivalState.UNREADABLE, is_unlinked=False)


def _finish(tx: Tx, ids: Sequence[int], state: ArrivalState, *, is_unlinked: bool) -> None:
    if ids:
        tx.execute(
            update(arrivals)
            .where(arrivals.c.id.in_(ids), says(arrivals.c.state, ArrivalState.NEW))
            .values(state=state, is_unlinked=is_unlinked, is_held=False)
        )


def put_off(tx: Tx, arrival_id: int, next_at: datetime, *, is_held: bool = False) -> None:
    """Its look at the far side failed, or that which was to speak for it; the same one again later.

    Held: as soon as its account can be read again.
    """
    tx.execute(
        update(arrivals)
        .where(arrivals.c.id == arrival_id, says(arrivals.c.state, ArrivalState.NEW))
        .values(attempt=arrivals.c.attempt + 1, next_at=next_at, is_behind=False, is_held=is_held)
    )


def defer(tx: Tx, ids: Sequence[int], next_at: datetime, *, is_behind: bool = False) -> None:
    """Nothing has failed; the same ones again later."""
    if ids:
        which = and_(arrivals.c.id.in_(ids), says(arrivals.c.state, ArrivalState.NEW))
        tx.execute(update(arrivals).where(which).values(next_at=next_at, is_behind=is_behind))


def next_of(tx: Tx, source: str, record: str, event_type: str) -> datetime | None:
    """When a hook of this type and record that is still to be planned is tried: one that was not yet, from its coming on."""
    is_it = and_(arrivals.c.source == source, arrivals.c.record == record, arrivals.c.event_type == event_type)
    when = case((arrivals.c.attempt == 0, arrivals.c.received_at), else_=arrivals.c.next_at)
    first = select(func.min(when, type_=Moment())).where(is_it, says(arrivals.c.state, ArrivalState.NEW))
    found: datetime | None = tx.scalar(first)
    return found


def behind(tx: Tx, source: str, record: str, until: datetime, limit: int) -> list[Arrival]:
    """What stood behind an earlier one of its record and had come in by then, oldest first."""
    which = and_(_stands_behind(source, record), arrivals.c.received_at <= until)
    statement = select(*_COLUMNS).where(which).order_by(arrivals.c.received_at, arrivals.c.id).limit(limit)
    return [_arrival(row) for row in tx.execute(statement.with_for_update(skip_locked=True))]


def let_on(tx: Tx, source: str, record: str, now: datetime, limit: int) -> list[int]:
    """The first of those that stood behind an earlier one of their record are due: the shards to wake.

    Without waiting for anybody: who has one of them in his hands may be waiting for the link that we hold.
    """
    first = select(arrivals.c.id).where(_stands_behind(source, record))
    first = first.order_by(arrivals.c.received_at, arrivals.c.id).limit(limit).with_for_update(skip_locked=True)
    statement = (
        update(arrivals)
        .where(arrivals.c.id.in_(first))
        .values(next_at=now, is_behind=False)
        .returning(arrivals.c.shard)
    )
    return sorted(set(tx.scalars(statement)))


def _stands_behind(source: str, record: str) -> ColumnElement[bool]:
    of_record = and_(arrivals.c.source == source, arrivals.c.record == record)
    return and_(of_record, says(arrivals.c.state, ArrivalState.NEW), arrivals.c.is_behind)


def again(tx: Tx, arrival_id: int, now: datetime) -> None:
    """Plan it once more: what it was taken for turned out to be something else."""
    tx.execute(
        update(arrivals)
        .where(arrivals.c.id == arrival_id, says(arrivals.c.state, ArrivalState.PLANNED))
        .values(state=ArrivalState.NEW, is_unlinked=False, next_at=now)
    )


def due_shards(tx: Tx, now: datetime) -> list[int]:
    return list(tx.scalars(select(arrivals.c.shard).where(_IS_DUE).distinct(), {"now": now}))
