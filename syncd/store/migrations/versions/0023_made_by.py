"""Which process an attempt is made by, so that its end is known before its lease runs out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before this one goes on making attempts, which nobody is named for."""
    op.add_column("errands", sa.Column("made_by", sa.String(255), server_default="", nullable=False))
