"""What a look over an account has found: how many differences, and not only how many records it had read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# As it was at this migration.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """The release before this one goes on asking for looks and inserting hooks: nobody counts the differences of those."""
    op.add_column("arrivals", sa.Column("reconcile_id", _SERIAL, nullable=True))
    op.add_column("reconciles", sa.Column("differences", sa.Integer, nullable=True))
