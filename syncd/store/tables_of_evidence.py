"""The tables of evidence: what was collected of an account and when, the answers it was read from, and what they said of incidents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
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

_UNDER_WAY = text("state <> 'done'")


class CollectionColumns(TypedColumns):
    """One collecting of one dataset of an account. The account may be gone since: what was collected of it stays."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word)
    dataset: Named[str] = Column(Word)  # an evidence.facts.dataset.Name
    due_at: Named[datetime | None] = Column(Moment)  # None: a person asked for it, and nothing was due
    asked_at: Named[datetime] = Column(Moment)
    asked_by: Named[str] = Column(Text, server_default="")
    since: Named[datetime | None] = Column(Moment)  # also what happened since then, by a person's order
    state: Named[str] = Column(Word)  # waiting -> running -> done; running -> waiting, when it could not go on
    next_at: Named[datetime] = Column(Moment)
    lease_until: Named[datetime | None] = Column(Moment)
    begun_at: Named[datetime | None] = Column(Moment)  # whatever it asks for is asked for up to then
    ended_at: Named[datetime | None] = Column(Moment)
    detail: Named[str] = Column(Text, server_default="")  # why it could not go on
    tries: Named[int] = Column(server_default="0")  # of the request that it stands at
    requests: Named[int] = Column(server_default="0")  # those that came to nothing among them
    pages: Named[int] = Column(server_default="0")  # that were kept
    records: Named[int] = Column(server_default="0")
    settings: Named[Any] = Column(Json)  # what it was begun with, so that whoever goes on with it does the same
    covers: Named[Any] = Column(Json)  # of which times everything was read, in pairs
    missing: Named[Any] = Column(Json)  # what was not read, and why
    sights: Named[Any] = Column(Json, server_default="[]")  # what the key saw before and after, each with its moment


evidence_collections = Table(
    "evidence_collections",
    metadata,
    CollectionColumns,
    CheckConstraint("state IN ('waiting', 'running', 'done')", name="state"),
    Index(
        "uq_evidence_collections_under_way",
        "integration",
        "dataset",
        unique=True,
        postgresql_where=_UNDER_WAY,
        sqlite_where=_UNDER_WAY,
    ),
    Index("ix_evidence_collections_dataset", "integration", "dataset", "id"),
)


class PageColumns(TypedColumns):
    """One answer, as it is kept: without addresses, numbers and secrets. Its rows are never changed: a collecting goes on after them."""

    collection = Column(BigInteger, ForeignKey("evidence_collections.id"), primary_key=True)
    number = Column(BigInteger, primary_key=True, autoincrement=False)  # from 1, in the order they were asked for
    request: Named[str] = Column(Text)
    asked_at: Named[datetime] = Column(Moment)
    status: Named[int] = Column()
    request_id: Named[str] = Column(Name, server_default="")  # PagerDuty's own
    sha256: Named[str] = Column(Word)  # of the body, unpacked
    body: Named[bytes] = Column(LargeBinary, info=IN_THE_OPEN)  # packed by zlib


evidence_pages = Table("evidence_pages", metadata, PageColumns)


class IncidentColumns(TypedColumns):
    """What a collecting found an incident to be. One that is found otherwise later gets another row, which takes its place."""

    integration = Column(Word, primary_key=True)
    incident = Column(Name, primary_key=True)
    collection = Column(BigInteger, ForeignKey("evidence_collections.id"), primary_key=True)
    replaced_by: Named[int | None] = Column(BigInteger)  # the collecting that found it otherwise
    created_at: Named[datetime] = Column(Moment)
    is_open: Named[bool] = Column()
    is_settled: Named[bool] = Column()  # nothing more is expected of it: it is read again only if it is open again
    stamp: Named[str] = Column(Word)  # when it changed last, as PagerDuty says it
    log_stamp: Named[str] = Column(Word)  # the same, when its log was read; empty: it was not
    log_until: Named[datetime | None] = Column(Moment)  # its log is known up to then
    found: Named[Any] = Column(Json)  # the incident with its log, as facts have it


evidence_incidents = Table(
    "evidence_incidents",
    metadata,
    IncidentColumns,
    Index("ix_evidence_incidents_created", "integration", "created_at"),
    Index(
        "ix_evidence_incidents_unsettled",
        "integration",
        postgresql_where=text("replaced_by IS NULL AND is_settled = false"),
        sqlite_where=text("replaced_by IS NULL AND is_settled = 0"),
    ),
)


class SeenColumns(TypedColumns):
    """Since when a record is seen in a state. Another state is another row, and none is ever changed."""

    integration = Column(Word, primary_key=True)
    record = Column(Name, primary_key=True)
    since = Column(Moment, primary_key=True)
    state: Named[str] = Column(Word)


evidence_seen = Table("evidence_seen", metadata, SeenColumns)


class SecretColumns(TypedColumns):
    """Keys that evidence makes for itself: by the one called `digest` addresses are compared that nobody keeps."""

    name = Column(Word, primary_key=True)
    sealed: Named[bytes] = Column(LargeBinary, info={"sealed_for": "evidence:{name}"})


evidence_secrets = Table("evidence_secrets", metadata, SecretColumns)


class LeftColumns(TypedColumns):
    """Evidence of an account that was removed or moved: what it was called, and which it was, so that the same one takes it up again."""

    id = Column(Serial, primary_key=True)
    name: Named[str] = Column(Word, unique=True)
    integration: Named[str] = Column(Word)
    account_host: Named[str] = Column(Name, server_default="")


evidence_left = Table("evidence_left", metadata, LeftColumns)
