"""Until when an account asked to be left alone: whoever hastens what waits for it must not go behind that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# As it was at this migration.
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The release before this one goes on inserting accounts, which have asked for nothing."""
    op.add_column("integrations", sa.Column("rests_until", _MOMENT, nullable=True))
