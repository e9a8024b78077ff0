"""The tables of the sync, in the order a change meets them. Indexes and checks make illegal rows impossible."""

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
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    false,
    text,
)

from .columns import IN_THE_OPEN, Json, Moment, Name, Serial, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


_HAS_BODY_TO_PRUNE = "state <> 'new' AND body_pruned_at IS NULL"


class ArrivalColumns(TypedColumns):
    """A hook as it came in, or what a look over an account told itself. It is stored before its sender gets an answer."""

    id = Column(Serial, primary_key=True)
    source: Named[str] = Column(Word)
    event_key: Named[str | None] = Column(Name)  # None: a hint, never taken for a repeat
    event_type: Named[str] = Column(Name)
    record: Named[str] = Column(Name)  # the sender's id of the case or incident; empty when it names none
    body: Named[bytes] = Column(LargeBinary, info=IN_THE_OPEN)
    received_at: Named[datetime] = Column(Moment)
    state: Named[str] = Column(Word)  # new -> planned | unreadable
    is_unlinked: Named[bool] = Column(default=False)  # planned again when its record's link opens soon
    is_behind: Named[bool] = Column(default=False)  # an earlier hook of its record is being looked up
    attempt: Named[int] = Column(default=0)  # looks at the far side that failed
    next_at: Named[datetime] = Column(Moment)
    shard: Named[int] = Column()
    replay_of: Named[int | None] = Column(Serial)  # the delivery that a person wants decided anew
    replayed_by: Named[str] = Column(Text, server_default="")
    is_held: Named[bool] = Column(server_default=false())  # it has to be looked at, and its account is disconnected
    body_pruned_at: Named[datetime | None] = Column(Moment)  # since then its body is empty
    reconcile_id: Named[int | None] = Column(Serial)  # the look over its account that asked for it
    is_read: Named[bool] = Column(server_default=false())  # likewise: its record was read for it, and told all it says
    trace: Named[str] = Column(Word, server_default="")  # the context of its way, as `traceparent` writes it


arrivals = Table(
    "arrivals",
    metadata,
    ArrivalColumns,
    UniqueConstraint("source", "event_key"),
    CheckConstraint("state IN ('new', 'planned', 'unreadable')", name="state"),
    Index(
        "ix_arrivals_due",
        "received_at",
        "id",
        "shard",
        "next_at",
        postgresql_where=text("state = 'new'"),
        sqlite_where=text("state = 'new'"),
    ),
    Index("ix_arrivals_new", "record", postgresql_where=text("state = 'new'"), sqlite_where=text("state = 'new'")),
    Index(
        "ix_arrivals_held",
        "source",
        postgresql_where=text("is_held"),
        sqlite_where=text("is_held = 1"),
    ),
    Index(
        "ix_arrivals_unlinked",
        "source",
        "record",
        postgresql_where=text("is_unlinked"),
        sqlite_where=text("is_unlinked = 1"),
    ),
    Index(
        "ix_arrivals_overtaken",
        "received_at",
        postgresql_where=text("is_unlinked"),
        sqlite_where=text("is_unlinked = 1"),
    ),
    Index(
        "ix_arrivals_bodies",
        "received_at",
        "id",
        postgresql_where=text(_HAS_BODY_TO_PRUNE),
        sqlite_where=text(_HAS_BODY_TO_PRUNE),
    ),
    Index(
        "ix_arrivals_without_body",
        "received_at",
        "id",
        postgresql_where=text("body_pruned_at IS NOT NULL"),
        sqlite_where=text("body_pruned_at IS NOT NULL"),
    ),
)


class LinkColumns(TypedColumns):
    """A case and its incident, what was last seen of both, and what is to be written to each."""

    id = Column(Serial, primary_key=True)
    key: Named[str] = Column(Word)  # the incident_key it opens under
    case_system: Named[str] = Column(Word)
    case_id: Named[str] = Column(Name)
    integration: Named[str] = Column(Word)
    incident_id: Named[str | None] = Column(Name)
    connector: Named[str] = Column(Word)
    state: Named[str] = Column(Word)  # opening -> open | failed | ended
    reason: Named[str] = Column(Text, default="")
    is_paused: Named[bool] = Column(default=False)
    case_url: Named[str] = Column(Text, default="")
    incident_url: Named[str] = Column(Text, default="")
    title: Named[str] = Column(Text, default="")
    body: Named[str] = Column(Text, default="")
    known: Named[Any] = Column(Json)
    wanted: Named[Any] = Column(Json)
    version: Named[int] = Column(default=0)  # every save checks it
    created_at: Named[datetime] = Column(Moment)
    opened_at: Named[datetime | None] = Column(Moment)
    shard: Named[int] = Column()
    pause_reason: Named[str] = Column(Text, server_default="")  # beside `reason`, which is that of its state
    paused_at: Named[datetime | None] = Column(Moment)  # what the release before has paused has none
    resumed_at: Named[datetime | None] = Column(Moment)  # what was asked for before it makes no loop
    conflicts: Named[Any] = Column(Json, server_default="{}")  # field -> who, since when; the values are those known
    is_in_conflict: Named[bool] = Column(server_default=false())
    opening: Named[Any] = Column(
        Json, server_default="{}"
    )  # the rule and the preset it was opened by; see core/routing
    is_cut: Named[bool] = Column(server_default=false())  # its connector was removed, or its account: it ended for good


links = Table(
    "links",
    metadata,
    LinkColumns,
    UniqueConstraint("case_system", "case_id"),
    UniqueConstraint("integration", "incident_id"),
    UniqueConstraint("key"),
    CheckConstraint("state IN ('opening', 'open', 'failed', 'ended')", name="state"),
    CheckConstraint("(state = 'open') = (incident_id IS NOT NULL)", name="open_has_incident"),
    Index(
        "ix_links_in_conflict",
        "id",
        postgresql_where=text("is_in_conflict"),
        sqlite_where=text("is_in_conflict = 1"),
    ),
)

_IS_SENDING = text("state = 'sending'")
_IS_A_WAITING_WISH = text("state IN ('waiting', 'held') AND kind IN ('status', 'priority', 'resolution_note')")
_IS_DEAD = text("state = 'dead'")
_HAS_ENDED = "state IN ('withdrawn', 'dead')"
_IS_LIVE = text("state IN ('waiting', 'sending', 'held')")
_IS_LIVE_OR_DEAD = text("state IN ('waiting', 'sending', 'held', 'dead')")
_IS_REPLAY = text("replay_of IS NOT NULL")
_IS_DELIVERED = text("state = 'delivered'")
_IS_OBSERVED = text("dealt_with = 'observed'")
_IS_LEFT = text("dealt_with = 'left'")
_IS_OURS = text("errand_id IS NOT NULL")
_IS_UNTOLD = text("reason = 'sync_off'")
_IS_UNUSUAL = text("outcome IN ('retrying', 'held', 'failed', 'rejected', 'parked')")


class ErrandColumns(TypedColumns):
    """One write that is to be made on one side of a link, until it is made, withdrawn or put aside."""

    id = Column(Serial, primary_key=True)
    link_id: Named[int] = Column(Serial, ForeignKey("links.id"))
    side: Named[str] = Column(Word)
    kind: Named[str] = Column(Word)
    change: Named[str] = Column(Word)
    text: Named[str] = Column(Text, default="")
    author: Named[str] = Column(Text, default="")
    by_name: Named[str] = Column(Text, default="")
    by_email: Named[str] = Column(Name, server_default="")
    state: Named[str] = Column(Word)
    held_reason: Named[str] = Column(Word, default="")
    attempt: Named[int] = Column(default=0)
    is_doubtful: Named[bool] = Column(default=False)  # a write may have landed: look first
    token: Named[str] = Column(Word, default="")  # the fence: only the attempt that holds it may settle
    begun_at: Named[datetime | None] = Column(Moment)
    first_begun_at: Named[datetime | None] = Column(Moment)
    lease_until: Named[datetime | None] = Column(Moment)
    made_by: Named[str] = Column(Name, server_default="")  # the process that makes this attempt, or made the last one
    asked: Named[Any] = Column(Json, default=None, nullable=True)  # the wish this attempt carries
    looked: Named[Any] = Column(Json, default=None, nullable=True)  # requests that led to it, until its first row
    next_at: Named[datetime] = Column(Moment)
    arrival_id: Named[int | None] = Column(Serial)
    far_id: Named[str] = Column(Name, default="")  # the note it became
    occurred_at: Named[datetime | None] = Column(Moment)
    received_at: Named[datetime | None] = Column(Moment)
    created_at: Named[datetime] = Column(Moment)
    replay_of: Named[int | None] = Column(Serial)  # a delivery
    shard: Named[int] = Column()
    replayed_by: Named[str] = Column(Text, server_default="")
    dealt_with: Named[str] = Column(Word, server_default="")  # a store.replay.Dealt
    trace: Named[str] = Column(Word, server_default="")  # as its arrival's


errands = Table(
    "errands",
    metadata,
    ErrandColumns,
    CheckConstraint("side IN ('case', 'incident')", name="side"),
    CheckConstraint("state IN ('waiting', 'sending', 'held', 'delivered', 'withdrawn', 'dead')", name="state"),
    CheckConstraint("(state = 'sending') = (token <> '')", name="sending_has_token"),
    Index("uq_errands_sending", "link_id", "side", unique=True, postgresql_where=_IS_SENDING, sqlite_where=_IS_SENDING),
    Index(
        "uq_errands_waiting_wish",
        "link_id",
        "side",
        "kind",
        unique=True,
        postgresql_where=_IS_A_WAITING_WISH,
        sqlite_where=_IS_A_WAITING_WISH,
    ),
    Index("ix_errands_lane", "link_id", "side", "id", postgresql_where=_IS_LIVE, sqlite_where=_IS_LIVE),
    Index(
        "ix_errands_due",
        "id",
        "shard",
        "next_at",
        postgresql_where=text("state = 'waiting'"),
        sqlite_where=text("state = 'waiting'"),
    ),
    Index(
        "ix_errands_held",
        "held_reason",
        postgresql_where=text("state = 'held'"),
        sqlite_where=text("state = 'held'"),
    ),
    Index("ix_errands_lease", "lease_until", postgresql_where=_IS_SENDING, sqlite_where=_IS_SENDING),
    Index("ix_errands_dead", "id", postgresql_where=_IS_DEAD, sqlite_where=_IS_DEAD),
    Index(
        "ix_errands_doubtful",
        "link_id",
        "side",
        postgresql_where=text(f"is_doubtful AND {_HAS_ENDED}"),
        sqlite_where=text(f"is_doubtful = 1 AND {_HAS_ENDED}"),
    ),
    Index("ix_errands_arrival", "arrival_id", postgresql_where=_IS_LIVE_OR_DEAD, sqlite_where=_IS_LIVE_OR_DEAD),
    Index("ix_errands_made", "link_id", "created_at", postgresql_where=_IS_DELIVERED, sqlite_where=_IS_DELIVERED),
    Index("ix_errands_observed", "id", postgresql_where=_IS_OBSERVED, sqlite_where=_IS_OBSERVED),
    Index("ix_errands_left", "id", postgresql_where=_IS_LEFT, sqlite_where=_IS_LEFT),
    Index("ix_errands_replay", "replay_of", postgresql_where=_IS_REPLAY, sqlite_where=_IS_REPLAY),
)


class NoteColumns(TypedColumns):
    """Every note we have heard of or written, by the id its own system gave it. That is how an echo is known."""

    link_id = Column(Serial, ForeignKey("links.id"), primary_key=True)
    side = Column(Word, primary_key=True)
    note_id = Column(Name, primary_key=True)
    errand_id: Named[int | None] = Column(Serial)  # ours
    arrival_id: Named[int | None] = Column(Serial)  # somebody's, or the hook that told us of ours first
    digest: Named[str | None] = Column(Word)  # of its text as it was read last; empty: it was deleted
    known_at: Named[datetime | None] = Column(Moment)


notes = Table(
    "notes",
    metadata,
    NoteColumns,
    Index("ix_notes_errand_id", "errand_id"),
    Index("ix_notes_arrival", "arrival_id", postgresql_where=_IS_OURS, sqlite_where=_IS_OURS),
)


class DeliveryColumns(TypedColumns):
    """One attempt, or one decision not to act. Never updated."""

    id = Column(Serial, primary_key=True)
    recorded_at: Named[datetime] = Column(Moment)
    direction: Named[str] = Column(Word)
    change: Named[str] = Column(Word)
    action: Named[str] = Column(Word, default="")
    outcome: Named[str] = Column(Word)
    reason: Named[str] = Column(Word)
    detail: Named[str] = Column(Text, default="")
    attempt: Named[int] = Column(default=0)
    arrival_id: Named[int | None] = Column(Serial)
    errand_id: Named[int | None] = Column(Serial)
    link_id: Named[int | None] = Column(Serial)
    connector: Named[str] = Column(Word, default="")
    integration: Named[str] = Column(Word, default="")
    source_system: Named[str] = Column(Word, default="")
    destination_system: Named[str] = Column(Word, default="")
    case_id: Named[str] = Column(Name, default="")
    incident_id: Named[str] = Column(Name, default="")
    actor: Named[str] = Column(Text, default="")
    occurred_at: Named[datetime | None] = Column(Moment)
    started_at: Named[datetime | None] = Column(Moment)
    duration_ms: Named[int | None] = Column(BigInteger)
    e2e_ms: Named[int | None] = Column(BigInteger)  # what was held may be months late
    method: Named[str] = Column(Word, default="")
    url: Named[str] = Column(Text, default="")
    http_status: Named[int | None] = Column()
    request_id: Named[str] = Column(Name, default="")
    retry_after_s: Named[float | None] = Column()
    next_attempt_at: Named[datetime | None] = Column(Moment)
    replay_of: Named[int | None] = Column(Serial)
    request: Named[Any] = Column(Json, nullable=True)
    response: Named[Any] = Column(Json, nullable=True)
    trace: Named[str] = Column(Word, default="", server_default="")  # the trace's id, of its arrival or its errand


deliveries = Table(
    "notification_deliveries",
    metadata,
    DeliveryColumns,
    CheckConstraint("direction IN ('inbound', 'outbound')", name="direction"),
    CheckConstraint(
        "outcome IN ('applied', 'suppressed', 'ignored', 'retrying', 'held', 'failed', 'rejected', 'parked')",
        name="outcome",
    ),
    Index("ix_notification_deliveries_recorded_at", "recorded_at", "id"),
    Index("ix_notification_deliveries_link", "link_id", "id"),
    Index("ix_notification_deliveries_case", "case_id", "id"),
    Index("ix_notification_deliveries_incident", "incident_id", "id"),
    Index(
        "ix_notification_deliveries_rejected",
        "recorded_at",
        "source_system",
        postgresql_where=text("outcome = 'rejected'"),
        sqlite_where=text("outcome = 'rejected'"),
    ),
    Index("ix_notification_deliveries_errand", "errand_id", postgresql_where=_IS_OURS, sqlite_where=_IS_OURS),
    Index(
        "ix_notification_deliveries_untold",
        "integration",
        "link_id",
        "id",
        postgresql_where=_IS_UNTOLD,
        sqlite_where=_IS_UNTOLD,
    ),
    # What people ask for at 3 a.m. is a small part of the rows, and only those few pay for it.
    Index(
        "ix_notification_deliveries_unusual",
        "outcome",
        "recorded_at",
        "id",
        postgresql_where=_IS_UNUSUAL,
        sqlite_where=_IS_UNUSUAL,
    ),
)
