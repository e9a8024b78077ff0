"""Requests that came with an Idempotency-Key, and what was answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD = sa.String(64)


def upgrade() -> None:
    """The release before this one knows nothing of it, and does what it is asked as often as it is asked."""
    op.create_table(
        "asked_once",
        sa.Column("key", _WORD, primary_key=True),
        sa.Column("request", _WORD, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("answer", sa.LargeBinary, nullable=True),
    )
    op.create_index("ix_asked_once_begun_at", "asked_once", ["begun_at"])
