"""Which changes a poll has seen in a list, and whether their records were read since: each was read again at every poll."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# As they were at this migration.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.String(64)
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """With a default in the table: the release before this one goes on inserting hooks, and what it reads is read once more."""
    op.add_column("arrivals", sa.Column("is_read", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "polled",
        sa.Column("integration", _WORD, primary_key=True),
        sa.Column("link_id", _SERIAL, primary_key=True, autoincrement=False),
        sa.Column("digest", _WORD, primary_key=True),
        sa.Column("seen_at", _MOMENT, nullable=False),
        sa.Column("arrival_id", _SERIAL, nullable=False),
        sa.Column("is_again", sa.Boolean(), nullable=False),
    )
