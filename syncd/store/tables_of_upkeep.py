"""The daemon's own tables: which of its parts are alive, its keys, its chores, and what forbids some of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Index,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    text,
)

from .columns import IN_THE_OPEN, Json, Moment, Name, Serial, Word
from .tables import metadata


class HeartbeatColumns(TypedColumns):
    """A sign of life of one process of one part of the daemon."""

    part = Column(Word, primary_key=True)  # receiver, console, worker, beat
    instance = Column(Name, primary_key=True)
    at: Named[datetime] = Column(Moment)
    stopped_at: Named[datetime | None] = Column(Moment)  # in order


heartbeats = Table("heartbeats", metadata, HeartbeatColumns)


class KeyringColumns(TypedColumns):
    """Which master keys have sealed something here, with a value that proves one is the same key. Never a key."""

    key_id = Column(Word, primary_key=True)
    proof: Named[bytes] = Column(LargeBinary, info=IN_THE_OPEN)
    created_at: Named[datetime] = Column(Moment)


keyring = Table("keyring", metadata, KeyringColumns)

_STANDS = text("released_at IS NULL")


class UpkeepColumns(TypedColumns):
    """One row for each task that one process does for all."""

    task = Column(Word, primary_key=True)  # pruning, noticing
    next_at: Named[datetime] = Column(Moment)  # nobody takes it up before
    ran_at: Named[datetime | None] = Column(Moment)
    in_time_at: Named[datetime] = Column(Moment)  # when nothing was left to do, or when it was first thought of
    total: Named[Any] = Column(Json)  # what it has done since then, counted by kind


upkeep = Table("upkeep", metadata, UpkeepColumns)


class LegalHoldColumns(TypedColumns):
    """While one stands nothing is pruned. A row is never deleted: it is the proof of who kept what, and for how long."""

    id = Column(Serial, primary_key=True)
    placed_at: Named[datetime] = Column(Moment)
    placed_by: Named[str] = Column(Text)
    why: Named[str] = Column(Text)
    released_at: Named[datetime | None] = Column(Moment)
    released_by: Named[str] = Column(Text, default="")


legal_holds = Table(
    "legal_holds",
    metadata,
    LegalHoldColumns,
    Index("ix_legal_holds_standing", "id", postgresql_where=_STANDS, sqlite_where=_STANDS),
)
