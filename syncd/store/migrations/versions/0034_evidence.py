"""What was collected of accounts as evidence, and the answers it was read from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD, _NAME = sa.String(64), sa.String(255)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """The release before this one does not know them, and collects nothing."""
    _collections()
    op.create_table(
        "evidence_pages",
        sa.Column("collection", sa.BigInteger, sa.ForeignKey("evidence_collections.id"), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("request_id", _NAME, nullable=False, server_default=""),
        sa.Column("sha256", _WORD, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    _incidents()
    op.create_table(
        "evidence_seen",
        sa.Column("integration", _WORD, primary_key=True),
        sa.Column("record", _NAME, primary_key=True),
        sa.Column("since", _MOMENT, primary_key=True),
        sa.Column("state", _WORD, nullable=False),
    )
    op.create_table(
        "evidence_secrets",
        sa.Column("name", _WORD, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )


def _collections() -> None:
    op.create_table(
        "evidence_collections",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("dataset", _WORD, nullable=False),
        sa.Column("due_at", _MOMENT, nullable=True),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False, server_default=""),
        sa.Column("since", _MOMENT, nullable=True),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("begun_at", _MOMENT, nullable=True),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("detail", sa.Text, nullable=False, server_default=""),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("requests", sa.Integer, nullable=False, server_default="0"),
        sa.Column("pages", sa.Integer, nullable=False, server_default="0"),
        sa.Column("records", sa.Integer, nullable=False, server_default="0"),
        sa.Column("settings", _JSON, nullable=False),
        sa.Column("covers", _JSON, nullable=False),
        sa.Column("missing", _JSON, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done')", name=op.f("ck_evidence_collections_state")),
    )
    op.create_index("ix_evidence_collections_dataset", "evidence_collections", ["integration", "dataset", "id"])
    under_way = sa.text("state <> 'done'")
    op.create_index(
        "uq_evidence_collections_under_way",
        "evidence_collections",
        ["integration", "dataset"],
        unique=True,
        postgresql_where=under_way,
        sqlite_where=under_way,
    )


def _incidents() -> None:
    op.create_table(
        "evidence_incidents",
        sa.Column("integration", _WORD, primary_key=True),
        sa.Column("incident", _NAME, primary_key=True),
        sa.Column("collection", sa.BigInteger, sa.ForeignKey("evidence_collections.id"), primary_key=True),
        sa.Column("replaced_by", sa.BigInteger, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("is_settled", sa.Boolean, nullable=False),
        sa.Column("stamp", _WORD, nullable=False),
        sa.Column("log_stamp", _WORD, nullable=False),
        sa.Column("log_until", _MOMENT, nullable=True),
        sa.Column("found", _JSON, nullable=False),
    )
    op.create_index("ix_evidence_incidents_created", "evidence_incidents", ["integration", "created_at"])
    op.create_index(
        "ix_evidence_incidents_unsettled",
        "evidence_incidents",
        ["integration"],
        postgresql_where=sa.text("replaced_by IS NULL AND is_settled = false"),
        sqlite_where=sa.text("replaced_by IS NULL AND is_settled = 0"),
    )
