"""Which fields of a link both sides changed at once, and wait for a person to decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# As it was at this migration.
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """The release before this one goes on inserting and saving links: it knows of no conflict, and leaves each as it is."""
    op.add_column("links", sa.Column("conflicts", _JSON, nullable=False, server_default="{}"))
    op.add_column("links", sa.Column("is_in_conflict", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_links_in_conflict",
        "links",
        ["id"],
        postgresql_where=sa.text("is_in_conflict"),
        sqlite_where=sa.text("is_in_conflict = 1"),
    )
