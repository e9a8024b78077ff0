"""Each part of the daemon says now and then that it is there, and at last that it stops."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ProgrammingError

from .database import Database, Tx
from .tables_of_upkeep import heartbeats

KEPT = timedelta(days=1)  # an instance that is gone is forgotten after this, unless it was the last of its part
BEAT = "beat"  # the one instance of its part: its signs of life come from whichever worker it woke

_NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    part: str
    instance: str
    at: datetime
    stopped_at: datetime | None = None

    @property
    def is_stopped(self) -> bool:
        """A sign of life after the end is that of another one with the same name."""
        return self.stopped_at is not None and self.stopped_at >= self.at


def beat(tx: Tx, part: str, instance: str, now: datetime) -> None:
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(heartbeats).values(part=part, instance=instance, at=now)
    values = {"at": now, "stopped_at": None}
    tx.execute(statement.on_conflict_do_update(index_elements=["part", "instance"], set_=values))
    _forget_gone(tx, now)


def _forget_gone(tx: Tx, now: datetime) -> None:
    """The youngest sign of life of each part stays, however old: it tells since when there was nobody."""
    younger = heartbeats.alias()
    is_followed = exists().where(younger.c.part == heartbeats.c.part, younger.c.at > heartbeats.c.at)
    tx.execute(delete(heartbeats).where(heartbeats.c.at < now - KEPT, is_followed))


def end(tx: Tx, instance: str, now: datetime) -> None:
    """It stops in order: nobody needs to wait until it is missed."""
    tx.execute(update(heartbeats).where(heartbeats.c.instance == instance).values(stopped_at=now))


def latest(tx: Tx) -> Sequence[Heartbeat]:
    columns = (heartbeats.c.part, heartbeats.c.instance, heartbeats.c.at, heartbeats.c.stopped_at)
    statement = select(*columns).order_by(heartbeats.c.part, heartbeats.c.instance)
    return [Heartbeat(*row) for row in tx.execute(statement)]


def try_out(db: Database) -> None:
    """Writes a sign of life of nobody and takes it away in one transaction. Raises DatabaseAway where that is not possible."""
    mine = {"part": _NOBODY, "instance": secrets.token_hex(8)}
    with (
        suppress(ProgrammingError),
        db.write() as tx,
    ):  # Who asks may only read: that says nothing of the daemon's own rights.
        tx.execute(insert(heartbeats).values(**mine, at=db.now(tx)))
        tx.execute(delete(heartbeats).where(heartbeats.c.part == _NOBODY, heartbeats.c.instance == mine["instance"]))
