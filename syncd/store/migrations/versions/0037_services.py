"""A connector may reach several services of its account, and a case says which of them its incident is opened on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")  # As it was at this migration.


def upgrade() -> None:
    op.add_column("connectors", sa.Column("others", _JSON, nullable=False, server_default="[]"))
    op.add_column("cases", sa.Column("service", sa.Text, nullable=False, server_default=""))
