"""What a note said when it was read last, so that an edit or a deletion is seen; and looks that read every record for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nullable: what a note said before is learnt when it is read next."""
    op.add_column("notes", sa.Column("digest", sa.String(64), nullable=True))
    op.add_column("notes", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("reconciles", sa.Column("is_deep", sa.Boolean, nullable=False, server_default=sa.false()))
