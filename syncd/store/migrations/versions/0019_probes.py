"""What each question about an account last came to, and when it is asked again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD = sa.String(64)

_WORKED = (
    "INSERT INTO probes (integration, subject, state, since, checked_at, worked_at) "
    "SELECT slug, 'SUBJECT', 'ok', created_at, created_at, created_at FROM integrations WHERE system = 'pagerduty'"
)


def upgrade() -> None:
    """The keys that are there were accepted, and found their user, when they were added: that has worked before."""
    op.create_table(
        "probes",
        sa.Column("integration", _WORD, primary_key=True),
        sa.Column("subject", _WORD, primary_key=True),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("code", _WORD, server_default="", nullable=False),
        sa.Column("finding", sa.Text, server_default="", nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("checked_at", _MOMENT, nullable=False),
        sa.Column("worked_at", _MOMENT, nullable=True),
    )
    op.create_table(
        "diagnoses",
        sa.Column("integration", _WORD, primary_key=True),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=True),
    )
    for subject in ("key", "users"):
        op.execute(_WORKED.replace("SUBJECT", subject))
