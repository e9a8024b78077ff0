"""With each collecting of evidence stands what its key saw. Of those before nobody knows that."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")  # As it was at this migration.


def upgrade() -> None:
    op.add_column("evidence_collections", sa.Column("sights", _JSON, nullable=False, server_default="[]"))
