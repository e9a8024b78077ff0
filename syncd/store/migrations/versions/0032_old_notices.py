"""Notices that are over are found by when that was, and what was told of one by the message it belongs to: so that old ones can go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0029"
branch_labels = None
depends_on = None

_IS_OVER = sa.text("cleared_at IS NOT NULL")


def upgrade() -> None:
    """The release before this one only keeps them for ever."""
    op.create_index(
        "ix_notices_cleared", "notices", ["cleared_at", "id"], postgresql_where=_IS_OVER, sqlite_where=_IS_OVER
    )
    op.create_index("ix_telling_attempts_telling", "telling_attempts", ["telling_id"])
