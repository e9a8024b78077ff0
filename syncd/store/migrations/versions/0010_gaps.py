"""What is needed after a restored backup: which time each account has forgotten, and from where cases are numbered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# As it was at this migration.
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The release before this one goes on inserting rows: what is new in its tables may be left out."""
    for name in ("gap_since", "gap_until", "gap_read_at"):
        op.add_column("integrations", sa.Column(name, _MOMENT, nullable=True))
    op.add_column("integrations", sa.Column("numbers_from", sa.BigInteger, nullable=True))
