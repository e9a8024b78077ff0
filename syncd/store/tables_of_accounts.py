"""The tables around the sync: accounts and their secrets, connectors, the built-in cases, and the daemon itself.

Whoever takes several rows of one account takes them in this order: the account, its hook secrets (the older first), its
watch, its reconciles. Of several accounts, those of the smaller slug first.
"""

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
    false,
    text,
    true,
)

from . import tables_of_access  # noqa: F401  Whoever knows these tables has to know all there are.
from .columns import IN_THE_OPEN, Json, Moment, Name, Serial, Word
from .tables import metadata


class IntegrationColumns(TypedColumns):
    """An account: a PagerDuty one, or a case system. Its slug is its address and never changes."""

    slug = Column(Word, primary_key=True)
    system: Named[str] = Column(Word)  # a name of systems.registry
    side: Named[str] = Column(Word)
    base_url: Named[str] = Column(Text, default="")
    settings: Named[Any] = Column(Json)
    sealed: Named[bytes | None] = Column(LargeBinary, info={"sealed_for": "integration:{slug}"})  # the credentials
    state: Named[str] = Column(Word)  # connected <-> disconnected
    code: Named[str] = Column(Word, default="")
    reason: Named[str] = Column(Text, default="")
    since: Named[datetime] = Column(Moment)
    failures: Named[int] = Column(default=0)  # connections in a row that were not made
    probe_at: Named[datetime | None] = Column(Moment)
    created_at: Named[datetime] = Column(Moment)
    paused_at: Named[datetime | None] = Column(Moment)  # by a person: nothing is read there, or written for its links
    paused_by: Named[str] = Column(Text, server_default="")
    pause_reason: Named[str] = Column(Text, server_default="")
    observed_at: Named[datetime | None] = Column(Moment)  # by a person: it is read, and nothing is written there
    observed_by: Named[str] = Column(Text, server_default="")
    gap_since: Named[datetime | None] = Column(Moment)  # when the backup was made that was restored last
    gap_until: Named[datetime | None] = Column(Moment)  # when it was restored
    gap_read_at: Named[datetime | None] = Column(Moment)  # when all that changed there in between had been read again
    numbers_from: Named[int | None] = Column(BigInteger)  # no case of ours gets a lower number from now on
    listed_until: Named[datetime | None] = Column(Moment)  # its lists were read without a gap; None: since it was added
    read_until: Named[datetime | None] = Column(Moment)  # every record of ours was
    rests_until: Named[datetime | None] = Column(Moment)  # by its last 429s: what was put off is not hastened to before
    account_host: Named[str] = Column(Name, server_default="")  # acme.pagerduty.com; empty: added by an earlier release
    is_two_way: Named[bool] = Column(server_default=true())  # else what happens there is told, and changes nothing here
    is_read_only: Named[bool] = Column(
        server_default=false()
    )  # its credential was given to read only: no write leaves us
    consented_at: Named[datetime | None] = Column(Moment)  # to its data being processed here
    consented_by: Named[str] = Column(Text, server_default="")
    refreshing_until: Named[datetime | None] = Column(
        Moment
    )  # one process renews its OAuth token; others leave it alone


integrations = Table(
    "integrations",
    metadata,
    IntegrationColumns,
    CheckConstraint("side IN ('case', 'incident')", name="side"),
    CheckConstraint("state IN ('connected', 'disconnected')", name="state"),
)


class ConnectionEventColumns(TypedColumns):
    """One thing that happened to a connection. The account may be gone since: its history stays."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word)
    at: Named[datetime] = Column(Moment)
    kind: Named[str] = Column(Word)  # a core.connection.Kind
    by: Named[str] = Column(Text, server_default="")  # a person, or empty: syncd itself
    code: Named[str] = Column(Word, server_default="")
    detail: Named[str] = Column(Text, server_default="")


connection_events = Table(
    "connection_events",
    metadata,
    ConnectionEventColumns,
    Index("ix_connection_events_integration", "integration", "id"),
)


class AuthorisationColumns(TypedColumns):
    """Somebody was sent to agree that an account may be used. What comes back is taken once, and proves itself by its state."""

    digest = Column(Word, primary_key=True)  # of the state
    integration: Named[str] = Column(Word)  # may not be there yet
    # What it is connected with; gone as soon as it is taken.
    sealed: Named[bytes | None] = Column(LargeBinary, info={"sealed_for": "authorisation:{digest}"})
    by: Named[str] = Column(Text, server_default="")
    created_at: Named[datetime] = Column(Moment)
    expires_at: Named[datetime] = Column(Moment)
    state: Named[str] = Column(Word)  # waiting -> taken -> done | failed
    said: Named[str] = Column(Text, server_default="")  # how it ended, for whoever waits


authorisations = Table(
    "authorisations",
    metadata,
    AuthorisationColumns,
    CheckConstraint("state IN ('waiting', 'taken', 'done', 'failed')", name="state"),
)


class HookSecretColumns(TypedColumns):
    """What a source signs its hooks with; several at once while one is replaced."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word, ForeignKey("integrations.slug"))
    sealed: Named[bytes] = Column(LargeBinary, info={"sealed_for": "hook:{integration}"})
    subscription: Named[str] = Column(Name, default="")  # the webhook subscription at PagerDuty, when we made it
    created_at: Named[datetime] = Column(Moment)
    replaces: Named[str] = Column(Name, server_default="")  # the subscription that goes once this one has proved itself
    proved_at: Named[datetime | None] = Column(Moment)  # when a ping that it had signed was last taken in


hook_secrets = Table("hook_secrets", metadata, HookSecretColumns, Index(None, "integration"))


class WatchColumns(TypedColumns):
    """How an account's webhook subscriptions were found when somebody last looked at them over there."""

    integration = Column(Word, ForeignKey("integrations.slug"), primary_key=True)
    next_at: Named[datetime] = Column(Moment)  # nobody takes it up before; who has taken it is known by this
    checked_at: Named[datetime | None] = Column(Moment)  # the last look that came to its end
    troubles: Named[Any] = Column(Json)  # what is wrong with them, each with the moment it was seen first
    lost_since: Named[datetime | None] = Column(Moment)  # hooks since then are lost, and are not yet looked for
    enabled_at: Named[datetime | None] = Column(Moment)  # when one that had been disabled was enabled last
    pinged_at: Named[datetime | None] = Column(Moment)  # when they were asked to send a ping that has to arrive


watches = Table("watches", metadata, WatchColumns)


class ProbeColumns(TypedColumns):
    """What one question about an account last came to. The account may be gone since; whoever adds one anew forgets them."""

    integration = Column(Word, primary_key=True)
    subject = Column(Word, primary_key=True)  # a core.diagnostics.Subject
    state: Named[str] = Column(Word)  # a core.judging.State
    code: Named[str] = Column(Word, server_default="")
    finding: Named[str] = Column(Text, server_default="")
    since: Named[datetime] = Column(Moment)  # it is in this state, with this code
    checked_at: Named[datetime] = Column(Moment)
    worked_at: Named[datetime | None] = Column(Moment)  # when it last did


probes = Table("probes", metadata, ProbeColumns)


class DiagnosisColumns(TypedColumns):
    """When an account is asked next about all that is needed of it, by one process for all."""

    integration = Column(Word, primary_key=True)
    next_at: Named[datetime] = Column(Moment)  # nobody takes it up before; who has taken it is known by this
    begun_at: Named[datetime | None] = Column(Moment)  # the last one


diagnoses = Table("diagnoses", metadata, DiagnosisColumns)


class ConnectorColumns(TypedColumns):
    """An integration aimed at one service. Its path is fixed once it is created."""

    name = Column(Word, primary_key=True)
    integration: Named[str] = Column(Word, ForeignKey("integrations.slug"))
    case_system: Named[str] = Column(Word, ForeignKey("integrations.slug"))
    path: Named[str] = Column(Word)
    service_id: Named[str] = Column(Name)
    service_name: Named[str] = Column(Text, default="")
    priorities: Named[Any] = Column(Json)
    policy: Named[Any] = Column(Json)
    created_at: Named[datetime] = Column(Moment)


connectors = Table(
    "connectors",
    metadata,
    ConnectorColumns,
    CheckConstraint("path IN ('bidirectional', 'service_key')", name="path"),
)


class PresetColumns(TypedColumns):
    """What an opened incident looks like. The shipped one is in the code and has no row."""

    name = Column(Word, primary_key=True)
    title: Named[str] = Column(Text, server_default="")
    body: Named[str] = Column(Text, server_default="")
    urgency: Named[str] = Column(Word, server_default="")
    integration: Named[str] = Column(Word, server_default="")
    priorities: Named[Any] = Column(Json, server_default="[]")
    escalation_policy: Named[str] = Column(Name, server_default="")
    escalation_policy_name: Named[str] = Column(Text, server_default="")


presets = Table("presets", metadata, PresetColumns, CheckConstraint("urgency IN ('', 'high', 'low')", name="urgency"))


class RouteColumns(TypedColumns):
    """A rule of core/routing. They are always written all at once, so that their order has no gaps."""

    name = Column(Word, primary_key=True)
    position: Named[int] = Column()
    connector: Named[str] = Column(Word, ForeignKey("connectors.name"))
    preset: Named[str | None] = Column(Word, ForeignKey("presets.name"))  # None: the shipped one
    wants: Named[Any] = Column(Json)


routes = Table("routes", metadata, RouteColumns)


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


class HeartbeatColumns(TypedColumns):
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

    task = Column(Word, primary_key=True)  # pruning
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
