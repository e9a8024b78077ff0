"""How webhook subscriptions were found when somebody looked at them, which replaces which, and when a secret proved itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# As they were at this migration.
_WORD = sa.String(64)
_NAME = sa.String(255)
_MOMENT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """With defaults in the table: the release before this one goes on inserting secrets without them."""
    op.add_column("hook_secrets", sa.Column("replaces", _NAME, nullable=False, server_default=""))
    op.add_column("hook_secrets", sa.Column("proved_at", _MOMENT, nullable=True))
    op.create_table(
        "watches",
        sa.Column("integration", _WORD, sa.ForeignKey("integrations.slug"), primary_key=True),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("checked_at", _MOMENT, nullable=True),
        sa.Column("troubles", _JSON, nullable=False),
        sa.Column("lost_since", _MOMENT, nullable=True),
        sa.Column("enabled_at", _MOMENT, nullable=True),
        sa.Column("pinged_at", _MOMENT, nullable=True),
    )
