"""Each part of the daemon says now and then that it is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from .database import Tx
from .tables_of_accounts import heartbeats

KEPT = timedelta(hours=1)  # an instance that is gone is forgotten after this


@dataclass(frozen=True, slots=True)
class Heartbeat:
    part: str
    instance: str
    at: datetime


def beat(tx: Tx, part: str, instance: str, now: datetime) -> None:
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(heartbeats).values(part=part, instance=instance, at=now)
    tx.execute(statement.on_conflict_do_update(index_elements=["part", "instance"], set_={"at": now}))
    tx.execute(delete(heartbeats).where(heartbeats.c.part == part, heartbeats.c.at < now - KEPT))


def end(tx: Tx, instance: str) -> None:
    """It stops in order: nobody needs to wait until it is missed."""
    tx.execute(delete(heartbeats).where(heartbeats.c.instance == instance))


def latest(tx: Tx) -> Sequence[Heartbeat]:
    statement = select(heartbeats.c.part, heartbeats.c.instance, heartbeats.c.at)
    return [Heartbeat(*row) for row in tx.execute(statement.order_by(heartbeats.c.part, heartbeats.c.instance))]
