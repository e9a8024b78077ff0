"""Where a case goes and what its incident looks like: rules and presets, and what they look at in a built-in case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# As they were at this migration.
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_NAME = sa.String(255)
_WORD = sa.String(64)


def upgrade() -> None:
    """Without rules every case goes where it went; the release before opens cases and links that say nothing of them."""
    op.create_table(
        "presets",
        sa.Column("name", _WORD, primary_key=True),
        sa.Column("title", sa.Text, server_default="", nullable=False),
        sa.Column("body", sa.Text, server_default="", nullable=False),
        sa.Column("urgency", _WORD, server_default="", nullable=False),
        sa.Column("integration", _WORD, server_default="", nullable=False),
        sa.Column("priorities", _JSON, server_default="[]", nullable=False),
        sa.Column("escalation_policy", _NAME, server_default="", nullable=False),
        sa.Column("escalation_policy_name", sa.Text, server_default="", nullable=False),
        sa.CheckConstraint("urgency IN ('', 'high', 'low')", name="urgency"),
    )
    op.create_table(
        "routes",
        sa.Column("name", _WORD, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("connector", _WORD, sa.ForeignKey("connectors.name"), nullable=False),
        sa.Column("preset", _WORD, sa.ForeignKey("presets.name"), nullable=True),
        sa.Column("wants", _JSON, nullable=False),
    )
    op.add_column("cases", sa.Column("source", sa.Text, server_default="", nullable=False))
    op.add_column("cases", sa.Column("team", sa.Text, server_default="", nullable=False))
    op.add_column("cases", sa.Column("labels", _JSON, server_default="[]", nullable=False))
    op.add_column("links", sa.Column("opening", _JSON, server_default="{}", nullable=False))
