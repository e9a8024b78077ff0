"""What goes out about the daemon itself: how much has been counted, what a person has to know, and who was told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    text,
)

from .columns import Json, Moment, Name, Serial, Word
from .tables import metadata


class TallyColumns(TypedColumns):
    """What a table's rows came to, up to one of them: those that are thrown away later stay counted."""

    book = Column(Word, primary_key=True)  # a store.tallies.Book
    upto: Named[int] = Column(Serial)  # the last row that is in it
    totals: Named[Any] = Column(Json)
    counted_at: Named[datetime] = Column(Moment)


tallies = Table("tallies", metadata, TallyColumns)


class NoticeColumns(TypedColumns):
    """What a person has to know: once for its cause, from when it was so until it was over."""

    id = Column(Serial, primary_key=True)
    kind: Named[str] = Column(Word)
    cause: Named[str] = Column(Name)
    what: Named[str] = Column(Text)
    remedy: Named[str] = Column(Text)
    opened_at: Named[datetime] = Column(Moment)
    cleared_at: Named[datetime | None] = Column(Moment)


_STANDS = text("cleared_at IS NULL")
_IS_OVER = text("cleared_at IS NOT NULL")
_WAITS = text("state = 'waiting'")
notices = Table(
    "notices",
    metadata,
    NoticeColumns,
    Index("uq_notices_standing", "kind", "cause", unique=True, postgresql_where=_STANDS, sqlite_where=_STANDS),
    Index("ix_notices_cleared", "cleared_at", "id", postgresql_where=_IS_OVER, sqlite_where=_IS_OVER),
)


class TellingColumns(TypedColumns):
    """One message to one channel: that a notice has come, or that it is over."""

    id = Column(Serial, primary_key=True)
    notice_id: Named[int] = Column(Serial, ForeignKey("notices.id"))
    channel: Named[str] = Column(Word)
    event: Named[str] = Column(Word)
    state: Named[str] = Column(Word)  # waiting -> told | withdrawn | failed
    attempt: Named[int] = Column()
    next_at: Named[datetime] = Column(Moment)
    created_at: Named[datetime] = Column(Moment)
    told_at: Named[datetime | None] = Column(Moment)


tellings = Table(
    "tellings",
    metadata,
    TellingColumns,
    UniqueConstraint("notice_id", "channel", "event"),
    CheckConstraint("event IN ('opened', 'cleared')", name="event"),
    CheckConstraint("state IN ('waiting', 'told', 'withdrawn', 'failed')", name="state"),
    Index("ix_tellings_due", "next_at", "id", postgresql_where=_WAITS, sqlite_where=_WAITS),
)


class TellingAttemptColumns(TypedColumns):
    """One attempt at telling. Never updated."""

    id = Column(Serial, primary_key=True)
    telling_id: Named[int] = Column(Serial, ForeignKey("tellings.id"))
    channel: Named[str] = Column(Word)
    attempt: Named[int] = Column()
    at: Named[datetime] = Column(Moment)
    outcome: Named[str] = Column(Word)  # told, retrying, failed
    detail: Named[str] = Column(Text)


telling_attempts = Table(
    "telling_attempts",
    metadata,
    TellingAttemptColumns,
    Index("ix_telling_attempts_channel", "channel", "id"),
    Index("ix_telling_attempts_telling", "telling_id"),
)
