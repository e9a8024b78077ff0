"""The action log says of what was taken out how much that was, and its SHA-256."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before this one leaves them empty, and writes no row of an export."""
    op.add_column("actions", sa.Column("taken_rows", sa.BigInteger, nullable=True))
    op.add_column("actions", sa.Column("taken_bytes", sa.BigInteger, nullable=True))
    op.add_column("actions", sa.Column("taken_sha256", sa.String(64), nullable=True))
