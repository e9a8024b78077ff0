"""What an account told while it was synced one way is found by an index of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# As it was at this migration.
_IS_UNTOLD = sa.text("reason = 'sync_off'")


def upgrade() -> None:
    """The release before this one goes on without it."""
    op.create_index(
        "ix_notification_deliveries_untold",
        "notification_deliveries",
        ["integration", "link_id", "id"],
        postgresql_where=_IS_UNTOLD,
        sqlite_where=_IS_UNTOLD,
    )
