"""How many rows there have been, for those who watch the daemon: a count that pruning does not turn back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0026"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD = sa.String(64)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("book", _WORD, primary_key=True),
        sa.Column("upto", _SERIAL, nullable=False),
        sa.Column("totals", _JSON, nullable=False),
        sa.Column("counted_at", _MOMENT, nullable=False),
    )
