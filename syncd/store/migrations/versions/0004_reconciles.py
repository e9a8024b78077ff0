"""Looks over everything that an account may have changed unheard."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# As they were at this migration.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_WORD = sa.String(64)
_IS_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "reconciles",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, sa.ForeignKey("integrations.slug"), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("why", _WORD, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("lease_until", _MOMENT, nullable=True),
        sa.Column("cursor", sa.Text, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done')", name="state"),
    )
    op.create_index(
        "uq_reconciles_waiting",
        "reconciles",
        ["integration"],
        unique=True,
        postgresql_where=_IS_WAITING,
        sqlite_where=_IS_WAITING,
    )
    op.create_index("ix_reconciles_integration", "reconciles", ["integration", "id"])
