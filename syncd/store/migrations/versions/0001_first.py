"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As they were at this migration: later changes of syncd.store.columns do not reach back.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_MOMENT = sa.DateTime(timezone=True)
_WORD = sa.String(64)
_NAME = sa.String(255)


def upgrade() -> None:
    _arrivals()
    _links()
    _errands()
    _notes()
    _notification_deliveries()
    _integrations()
    _hook_secrets()
    _connectors()
    _cases()
    _case_events()
    _heartbeats()
    _keyring()


def _arrivals() -> None:
    op.create_table(
        "arrivals",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("source", _WORD, nullable=False),
        sa.Column("event_key", _NAME, nullable=True),
        sa.Column("event_type", _NAME, nullable=False),
        sa.Column("record", _NAME, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("is_unlinked", sa.Boolean, nullable=False),
        sa.Column("is_behind", sa.Boolean, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("shard", sa.Integer, nullable=False),
        sa.UniqueConstraint("source", "event_key"),
        sa.CheckConstraint("state IN ('new', 'planned', 'unreadable')", name="state"),
    )
    _partial_index("ix_arrivals_due", "arrivals", ["received_at", "id", "shard", "next_at"], "state = 'new'")
    _partial_index("ix_arrivals_new", "arrivals", ["record"], "state = 'new'")
    _partial_index("ix_arrivals_overtaken", "arrivals", ["received_at"], "is_unlinked", sqlite="is_unlinked = 1")
    _partial_index("ix_arrivals_unlinked", "arrivals", ["source", "record"], "is_unlinked", sqlite="is_unlinked = 1")


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("key", _WORD, nullable=False),
        sa.Column("case_system", _WORD, nullable=False),
        sa.Column("case_id", _NAME, nullable=False),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("incident_id", _NAME, nullable=True),
        sa.Column("connector", _WORD, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("is_paused", sa.Boolean, nullable=False),
        sa.Column("case_url", sa.Text, nullable=False),
        sa.Column("incident_url", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("known", _JSON, nullable=False),
        sa.Column("wanted", _JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=True),
        sa.Column("shard", sa.Integer, nullable=False),
        sa.UniqueConstraint("case_system", "case_id"),
        sa.UniqueConstraint("integration", "incident_id"),
        sa.UniqueConstraint("key"),
        sa.CheckConstraint("(state = 'open') = (incident_id IS NOT NULL)", name="open_has_incident"),
        sa.CheckConstraint("state IN ('opening', 'open', 'failed', 'ended')", name="state"),
    )


def _errands() -> None:
    op.create_table(
        "errands",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("link_id", _SERIAL, sa.ForeignKey("links.id"), nullable=False),
        sa.Column("side", _WORD, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("change", _WORD, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("held_reason", _WORD, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("is_doubtful", sa.Boolean, nullable=False),
        sa.Column("token", _WORD, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=True),
        sa.Column("first_begun_at", _MOMENT, nullable=True),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("asked", _JSON, nullable=True),
        sa.Column("looked", _JSON, nullable=True),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("arrival_id", _SERIAL, nullable=True),
        sa.Column("far_id", _NAME, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=True),
        sa.Column("received_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("replay_of", _SERIAL, nullable=True),
        sa.Column("shard", sa.Integer, nullable=False),
        sa.CheckConstraint("(state = 'sending') = (token <> '')", name="sending_has_token"),
        sa.CheckConstraint("side IN ('case', 'incident')", name="side"),
        sa.CheckConstraint("state IN ('waiting', 'sending', 'held', 'delivered', 'withdrawn', 'dead')", name="state"),
    )
    _partial_index("ix_errands_due", "errands", ["id", "shard", "next_at"], "state = 'waiting'")
    _partial_index("ix_errands_held", "errands", ["held_reason"], "state = 'held'")
    _partial_index("ix_errands_lane", "errands", ["link_id", "side", "id"], "state IN ('waiting', 'sending', 'held')")
    _partial_index("ix_errands_lease", "errands", ["lease_until"], "state = 'sending'")
    _partial_index("uq_errands_sending", "errands", ["link_id", "side"], "state = 'sending'", unique=True)
    _partial_index(
        "uq_errands_waiting_wish",
        "errands",
        ["link_id", "side", "kind"],
        "state IN ('waiting', 'held') AND kind IN ('status', 'priority', 'resolution_note')",
        unique=True,
    )


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("link_id", _SERIAL, sa.ForeignKey("links.id"), primary_key=True),
        sa.Column("side", _WORD, primary_key=True),
        sa.Column("note_id", _NAME, primary_key=True),
        sa.Column("errand_id", _SERIAL, nullable=True),
        sa.Column("arrival_id", _SERIAL, nullable=True),
    )
    op.create_index("ix_notes_errand_id", "notes", ["errand_id"])


def _notification_deliveries() -> None:
    op.create_table(
        "notification_deliveries",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("direction", _WORD, nullable=False),
        sa.Column("change", _WORD, nullable=False),
        sa.Column("action", _WORD, nullable=False),
        sa.Column("outcome", _WORD, nullable=False),
        sa.Column("reason", _WORD, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("arrival_id", _SERIAL, nullable=True),
        sa.Column("errand_id", _SERIAL, nullable=True),
        sa.Column("link_id", _SERIAL, nullable=True),
        sa.Column("connector", _WORD, nullable=False),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("source_system", _WORD, nullable=False),
        sa.Column("destination_system", _WORD, nullable=False),
        sa.Column("case_id", _NAME, nullable=False),
        sa.Column("incident_id", _NAME, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=True),
        sa.Column("started_at", _MOMENT, nullable=True),
        sa.Column("duration_ms", sa.BigInteger, nullable=True),
        sa.Column("e2e_ms", sa.BigInteger, nullable=True),
        sa.Column("method", _WORD, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("http_status", sa.Integer, nullable=True),
        sa.Column("request_id", _NAME, nullable=False),
        sa.Column("retry_after_s", sa.Double, nullable=True),
        sa.Column("next_attempt_at", _MOMENT, nullable=True),
        sa.Column("replay_of", _SERIAL, nullable=True),
        sa.Column("request", _JSON, nullable=True),
        sa.Column("response", _JSON, nullable=True),
        sa.CheckConstraint("direction IN ('inbound', 'outbound')", name="direction"),
        sa.CheckConstraint(
            "outcome IN ('applied', 'suppressed', 'ignored', 'retrying', 'held', 'failed', 'rejected', 'parked')",
            name="outcome",
        ),
    )
    op.create_index("ix_notification_deliveries_case", "notification_deliveries", ["case_id", "id"])
    op.create_index("ix_notification_deliveries_incident", "notification_deliveries", ["incident_id", "id"])
    op.create_index("ix_notification_deliveries_link", "notification_deliveries", ["link_id", "id"])
    op.create_index("ix_notification_deliveries_recorded_at", "notification_deliveries", ["recorded_at", "id"])


def _integrations() -> None:
    op.create_table(
        "integrations",
        sa.Column("slug", _WORD, primary_key=True),
        sa.Column("system", _WORD, nullable=False),
        sa.Column("side", _WORD, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("settings", _JSON, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=True),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("code", _WORD, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("probe_at", _MOMENT, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("side IN ('case', 'incident')", name="side"),
        sa.CheckConstraint("state IN ('connected', 'disconnected')", name="state"),
    )


def _hook_secrets() -> None:
    op.create_table(
        "hook_secrets",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, sa.ForeignKey("integrations.slug"), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("subscription", _NAME, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )
    op.create_index("ix_hook_secrets_integration", "hook_secrets", ["integration"])


def _connectors() -> None:
    op.create_table(
        "connectors",
        sa.Column("name", _WORD, primary_key=True),
        sa.Column("integration", _WORD, sa.ForeignKey("integrations.slug"), nullable=False),
        sa.Column("case_system", _WORD, sa.ForeignKey("integrations.slug"), nullable=False),
        sa.Column("path", _WORD, nullable=False),
        sa.Column("service_id", _NAME, nullable=False),
        sa.Column("service_name", sa.Text, nullable=False),
        sa.Column("priorities", _JSON, nullable=False),
        sa.Column("policy", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("path IN ('bidirectional', 'service_key')", name="path"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("number", _SERIAL, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("status", _WORD, nullable=False),
        sa.Column("priority", _WORD, nullable=False),
        sa.Column("resolution_note", sa.Text, nullable=False),
        sa.Column("incident_url", sa.Text, nullable=False),
        sa.Column("connector", _WORD, nullable=False),
        sa.Column("idempotency_key", _NAME, nullable=True, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.CheckConstraint("priority IN ('P1', 'P2', 'P3', 'P4', 'P5')", name="priority"),
        sa.CheckConstraint("status IN ('open', 'acknowledged', 'resolved', 'closed')", name="status"),
    )


def _case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("case_number", _SERIAL, sa.ForeignKey("cases.number"), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("via", _WORD, nullable=False),
        sa.Column("marker", _NAME, nullable=True),
    )
    op.create_index("ix_case_events_case", "case_events", ["case_number", "id"])
    _partial_index("uq_case_events_marker", "case_events", ["case_number", "marker"], "marker IS NOT NULL", unique=True)


def _heartbeats() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("part", _WORD, primary_key=True),
        sa.Column("instance", _NAME, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _keyring() -> None:
    op.create_table(
        "keyring",
        sa.Column("key_id", _WORD, primary_key=True),
        sa.Column("proof", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
    )


def _partial_index(
    name: str, table: str, columns: list[str], where: str, *, sqlite: str = "", unique: bool = False
) -> None:
    op.create_index(
        name, table, columns, unique=unique, postgresql_where=sa.text(where), sqlite_where=sa.text(sqlite or where)
    )
