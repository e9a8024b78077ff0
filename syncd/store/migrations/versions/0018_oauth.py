"""Accounts that are connected by OAuth: who was sent to agree, and which process renews a token at this moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD = sa.String(64)


def upgrade() -> None:
    op.add_column("integrations", sa.Column("refreshing_until", _MOMENT, nullable=True))
    op.create_table(
        "authorisations",
        sa.Column("digest", _WORD, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=True),
        sa.Column("by", sa.Text, server_default="", nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("said", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'done', 'failed')", name="state"),
    )
