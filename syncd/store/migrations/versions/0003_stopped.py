"""When a part stopped in order, and an index of the hooks that were turned away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As it was at this migration.
_IS_REJECTED = sa.text("outcome = 'rejected'")


def upgrade() -> None:
    """The release before this one goes on inserting signs of life that know of no end."""
    op.add_column("heartbeats", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_notification_deliveries_rejected",
        "notification_deliveries",
        ["recorded_at", "source_system"],
        postgresql_where=_IS_REJECTED,
        sqlite_where=_IS_REJECTED,
    )
