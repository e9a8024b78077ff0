"""Sessions begun with the API token that were ended before their time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before this one goes on letting such a session in until its time is over."""
    op.create_table(
        "signed_out",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_signed_out_until", "signed_out", ["until"])
