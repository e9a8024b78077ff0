"""The tables of the built-in cases."""

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
    text,
)

from .columns import Json, Moment, Name, Serial, Word
from .tables import metadata


class CaseColumns(TypedColumns):
    """A case of the built-in case system."""

    number = Column(Serial, primary_key=True)
    title: Named[str] = Column(Text)
    body: Named[str] = Column(Text, default="")
    status: Named[str] = Column(Word)
    priority: Named[str] = Column(Word)
    resolution_note: Named[str] = Column(Text, default="")
    incident_url: Named[str] = Column(Text, default="")
    connector: Named[str] = Column(Word, default="")
    idempotency_key: Named[str | None] = Column(Name, unique=True)
    version: Named[int] = Column(default=1)
    created_at: Named[datetime] = Column(Moment)
    updated_at: Named[datetime] = Column(Moment)
    source: Named[str] = Column(Text, server_default="")  # what has raised it, in the opener's own words, for rules
    team: Named[str] = Column(Text, server_default="")
    labels: Named[Any] = Column(Json, server_default="[]")
    service: Named[str] = Column(Text, server_default="")  # of its connector's, as its opener named it


cases = Table(
    "cases",
    metadata,
    CaseColumns,
    CheckConstraint("status IN ('open', 'acknowledged', 'resolved', 'closed')", name="status"),
    CheckConstraint("priority IN ('P1', 'P2', 'P3', 'P4', 'P5')", name="priority"),
)


class CaseEventColumns(TypedColumns):
    """One line of a case's timeline. A comment is a line with text."""

    id = Column(Serial, primary_key=True)
    case_number: Named[int] = Column(Serial, ForeignKey("cases.number"))
    at: Named[datetime] = Column(Moment)
    kind: Named[str] = Column(Word)  # a Verb
    value: Named[str] = Column(Text, default="")
    text: Named[str] = Column(Text, default="")
    actor: Named[str] = Column(Text, default="")
    via: Named[str] = Column(Word, default="")  # where it came from: api, page, cli, PagerDuty
    marker: Named[str | None] = Column(Name)  # the errand that wrote it


case_events = Table(
    "case_events",
    metadata,
    CaseEventColumns,
    Index("ix_case_events_case", "case_number", "id"),
    Index(
        "uq_case_events_marker",
        "case_number",
        "marker",
        unique=True,
        postgresql_where=text("marker IS NOT NULL"),
        sqlite_where=text("marker IS NOT NULL"),
    ),
)
