"""Which process does a task that one does for all: one row for each, taken by a guarded update. Of pruning also what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from .database import Tx
from .tables_of_upkeep import upkeep

PRUNING, NOTICING = "pruning", "noticing"
_PRUNING = upkeep.c.task == PRUNING


@dataclass(frozen=True, slots=True)
class Upkeep:
    next_at: datetime
    ran_at: datetime | None
    in_time_at: datetime  # when nothing was left to do, or when it was first thought of
    total: Mapping[str, int]


def get(tx: Tx) -> Upkeep | None:
    """None: no worker has thought of it yet."""
    row = tx.execute(select(upkeep).where(_PRUNING)).one_or_none()
    return None if row is None else Upkeep(row.next_at, row.ran_at, row.in_time_at, row.total)


def take(tx: Tx, now: datetime, until: datetime, task: str = PRUNING) -> bool:
    """True for one of all who ask; nobody else gets it before `until`."""
    _make(tx, now, task)
    statement = update(upkeep).where(upkeep.c.task == task, upkeep.c.next_at <= now).values(next_at=until)
    return tx.execute(statement).rowcount == 1


def lock(tx: Tx, now: datetime) -> Upkeep:
    """A batch holds it until its end, so that whoever wants pruning to stop waits for one batch at most."""
    _make(tx, now)
    row = tx.execute(select(upkeep).where(_PRUNING).with_for_update()).one()
    return Upkeep(row.next_at, row.ran_at, row.in_time_at, row.total)


def count(tx: Tx, before: Upkeep, thrown: Mapping[str, int]) -> None:
    """In the transaction that threw it away, which holds the lock."""
    total = {name: before.total.get(name, 0) + thrown.get(name, 0) for name in sorted({*before.total, *thrown})}
    tx.execute(update(upkeep).where(_PRUNING).values(total=total))


def end(tx: Tx, now: datetime, next_at: datetime, *, is_in_time: bool) -> None:
    values = {"in_time_at": now} if is_in_time else {}
    tx.execute(update(upkeep).where(_PRUNING).values(ran_at=now, next_at=next_at, **values))


def put_off(tx: Tx, until: datetime, task: str) -> None:
    """By whoever has taken it: its next turn."""
    tx.execute(update(upkeep).where(upkeep.c.task == task).values(next_at=until))


def hasten(tx: Tx, now: datetime) -> None:
    tx.execute(update(upkeep).where(_PRUNING, upkeep.c.next_at > now).values(next_at=now))


def next_at(tx: Tx, task: str) -> datetime | None:
    """Nobody takes it before; None: nobody has thought of it yet."""
    return tx.execute(select(upkeep.c.next_at).where(upkeep.c.task == task)).scalar_one_or_none()


def _make(tx: Tx, now: datetime, task: str = PRUNING) -> None:
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(upkeep).values(task=task, next_at=now, in_time_at=now, total={})
    tx.execute(statement.on_conflict_do_nothing(index_elements=["task"]))
