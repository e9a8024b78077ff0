"""What is needed to pause or only observe an account, and to stop a link that two automations keep changing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# As it was at this migration.
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """The release before this one goes on inserting rows: what is new in its tables may be left out."""
    op.add_column("integrations", sa.Column("paused_at", _MOMENT, nullable=True))
    op.add_column("integrations", _text("paused_by"))
    op.add_column("integrations", _text("pause_reason"))
    op.add_column("integrations", sa.Column("observed_at", _MOMENT, nullable=True))
    op.add_column("integrations", _text("observed_by"))
    op.add_column("links", sa.Column("resumed_at", _MOMENT, nullable=True))
    _partial_index("ix_errands_made", ["link_id", "created_at"], "state = 'delivered'")
    _partial_index("ix_errands_observed", ["id"], "dealt_with = 'observed'")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _partial_index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "errands", columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
