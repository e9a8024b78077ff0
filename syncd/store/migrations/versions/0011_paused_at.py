"""Since when a link is paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# As it was at this migration.
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The release before this one goes on pausing links without it."""
    op.add_column("links", sa.Column("paused_at", _MOMENT, nullable=True))
