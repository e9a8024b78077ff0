"""Links whose connector was removed, or whose account was moved: nothing of them is carried over any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before this one goes on inserting links, none of which is cut."""
    op.add_column("links", sa.Column("is_cut", sa.Boolean(), server_default=sa.false(), nullable=False))
