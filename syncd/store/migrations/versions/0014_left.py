"""What was only observed and is for a person to replay: few rows of a large table, counted by every status."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# As it was at this migration.
_IS_LEFT = sa.text("dealt_with = 'left'")


def upgrade() -> None:
    """The release before this one writes the same rows, and reads none by it."""
    op.create_index("ix_errands_left", "errands", ["id"], postgresql_where=_IS_LEFT, sqlite_where=_IS_LEFT)
