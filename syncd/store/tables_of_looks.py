"""The tables of looks over what accounts changed unheard."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Named,
    Table,
    Text,
    TypedColumns,
    false,
    text,
)

from .columns import Moment, Serial, Word
from .tables import metadata


class ReconcileColumns(TypedColumns):
    """A look over everything an account may have changed unheard, from `since` on: asked for, under way, or done."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word, ForeignKey("integrations.slug"))
    since: Named[datetime] = Column(Moment)
    why: Named[str] = Column(Word)  # asked, downtime, restart, polling, subscription
    asked_by: Named[str] = Column(Text, default="")
    asked_at: Named[datetime] = Column(Moment)
    state: Named[str] = Column(Word)  # waiting -> running -> done; running -> waiting, when it could not go on
    next_at: Named[datetime] = Column(Moment)
    lease_until: Named[datetime | None] = Column(Moment)
    cursor: Named[str] = Column(Text, default="")  # where its list of changes goes on
    requests: Named[int] = Column(default=0)  # for its lists; a record is read with two more, or three to name people
    found: Named[int] = Column(default=0)  # records that had to be read
    detail: Named[str] = Column(Text, default="")
    ended_at: Named[datetime | None] = Column(Moment)
    is_deep: Named[bool] = Column(
        server_default=false()
    )  # every record of ours is read, also where no list shows a change
    is_failed: Named[bool] = Column(server_default=false())  # it is done, and was refused for good
    differences: Named[int | None] = Column()  # that were found in those; None: the release before did not count them


reconciles = Table(
    "reconciles",
    metadata,
    ReconcileColumns,
    CheckConstraint("state IN ('waiting', 'running', 'done')", name="state"),
    Index(
        "uq_reconciles_waiting",
        "integration",
        unique=True,
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index("ix_reconciles_integration", "integration", "id"),
)


class PolledColumns(TypedColumns):
    """A change that a poll has seen in a list, of the record that a link has at this account."""

    integration = Column(Word, primary_key=True)
    link_id = Column(Serial, primary_key=True, autoincrement=False)
    digest = Column(Word, primary_key=True)  # of the name that its list gives the change
    seen_at: Named[datetime] = Column(Moment)
    arrival_id: Named[int] = Column(Serial)  # the hook for which its record was last to be read
    is_again: Named[bool] = Column()  # that was long after the change was seen first


polled = Table("polled", metadata, PolledColumns)
