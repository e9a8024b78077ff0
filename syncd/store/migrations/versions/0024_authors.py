"""In whose names an account is written to, and which of its users an address of the case side belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD, _NAME = sa.String(64), sa.String(255)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The release before this one goes on inserting errands, of which nobody's address is known."""
    op.add_column("errands", sa.Column("by_email", _NAME, server_default="", nullable=False))
    op.create_table(
        "authors",
        sa.Column("integration", _WORD, primary_key=True),
        sa.Column("email", _NAME, primary_key=True),
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("why_not", sa.Text, nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
    )
    op.create_table(
        "pen_names",
        sa.Column("errand_id", _SERIAL, primary_key=True),
        sa.Column("attempt", _SERIAL, primary_key=True),
        sa.Column("link_id", _SERIAL, nullable=False),
        sa.Column("user_id", _NAME, nullable=False),
        sa.Column("field", _WORD, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("landed_by", _MOMENT, nullable=True),
    )
    op.create_index("ix_pen_names_link", "pen_names", ["link_id", "begun_at"])
