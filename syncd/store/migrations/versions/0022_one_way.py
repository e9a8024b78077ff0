"""Since when an account was synced one way, since when both ways again, and how far what that left is decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# As it was at this migration.
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The release before this one goes on inserting accounts, which are synced both ways."""
    op.add_column("integrations", sa.Column("one_way_since", _MOMENT, nullable=True))
    op.add_column("integrations", sa.Column("two_way_since", _MOMENT, nullable=True))
    op.add_column("integrations", sa.Column("two_way_decided", sa.BigInteger(), server_default="0", nullable=False))
