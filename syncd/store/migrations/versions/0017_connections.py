"""What a connection is beyond its credential: whose account it reaches, who agreed, which ways it syncs, and its history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.String(64)


def upgrade() -> None:
    """Accounts that are there sync both ways and are written to, as they did; so do those that the release before inserts."""
    op.add_column("integrations", sa.Column("account_host", sa.String(255), server_default="", nullable=False))
    op.add_column("integrations", sa.Column("is_two_way", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("integrations", sa.Column("is_read_only", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("integrations", sa.Column("consented_at", _MOMENT, nullable=True))
    op.add_column("integrations", sa.Column("consented_by", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "connection_events",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("by", sa.Text, server_default="", nullable=False),
        sa.Column("code", _WORD, server_default="", nullable=False),
        sa.Column("detail", sa.Text, server_default="", nullable=False),
    )
    op.create_index("ix_connection_events_integration", "connection_events", ["integration", "id"])
