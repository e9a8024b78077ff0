"""The tables around the sync: accounts with their secrets and history, connectors, and the rules that lead to them.

Whoever takes several rows of one account takes them in this order: the account, its hook secrets (the older first), its
watch, its diagnosis, its reconciles. Of several accounts, those of the smaller slug first.
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
    true,
)

from . import (  # noqa: F401  Whoever knows these tables has to know all there are.
    standing_evidence,
    tables_of_access,
    tables_of_actions,
    tables_of_cases,
    tables_of_evidence,
    tables_of_looks,
    tables_of_people,
    tables_of_signals,
    tables_of_upkeep,
    tables_of_views,
)
from .columns import Json, Moment, Name, Serial, Word
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
    one_way_since: Named[datetime | None] = Column(Moment)  # what happened there since then is still to be carried over
    two_way_since: Named[datetime | None] = Column(
        Moment
    )  # that is under way; None: it is not switched on, or it is done
    two_way_decided: Named[int] = Column(BigInteger, server_default="0")  # links up to this one are
    is_read_only: Named[bool] = Column(server_default=false())  # by its credential: no write leaves us
    consented_at: Named[datetime | None] = Column(Moment)  # to its data being processed here
    consented_by: Named[str] = Column(Text, server_default="")
    refreshing_until: Named[datetime | None] = Column(Moment)  # one process renews its OAuth token, and no other


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
    """An integration aimed at its services. Its path is fixed once it is created."""

    name = Column(Word, primary_key=True)
    integration: Named[str] = Column(Word, ForeignKey("integrations.slug"))
    case_system: Named[str] = Column(Word, ForeignKey("integrations.slug"))
    path: Named[str] = Column(Word)
    service_id: Named[str] = Column(Name)
    service_name: Named[str] = Column(Text, default="")
    priorities: Named[Any] = Column(Json)
    policy: Named[Any] = Column(Json)
    created_at: Named[datetime] = Column(Moment)
    others: Named[Any] = Column(
        Json, server_default="[]"
    )  # services that it may reach beside the default one: id and name


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
