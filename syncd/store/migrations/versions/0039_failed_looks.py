"""A look over what changed unheard may have failed for good: nothing that is asked for later goes on with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The release before this one ends none like that: it puts them off."""
    op.add_column("reconciles", sa.Column("is_failed", sa.Boolean, nullable=False, server_default=sa.false()))
