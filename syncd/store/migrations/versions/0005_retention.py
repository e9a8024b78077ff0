"""What is needed to prune old rows: when a body went, who still refers to a row, when it was done and who forbade it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# As they were at this migration.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.String(64)
_MOMENT = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    """The release before this one goes on inserting rows: what is new in its tables may be left out."""
    op.add_column("arrivals", sa.Column("body_pruned_at", _MOMENT, nullable=True))
    _partial_index("ix_arrivals_bodies", "arrivals", ["received_at", "id"], "state <> 'new' AND body_pruned_at IS NULL")
    _partial_index("ix_arrivals_without_body", "arrivals", ["received_at", "id"], "body_pruned_at IS NOT NULL")
    _partial_index("ix_errands_arrival", "errands", ["arrival_id"], "state IN ('waiting', 'sending', 'held', 'dead')")
    _partial_index("ix_errands_replay", "errands", ["replay_of"], "replay_of IS NOT NULL")
    _partial_index("ix_notes_arrival", "notes", ["arrival_id"], "errand_id IS NOT NULL")
    _partial_index(
        "ix_notification_deliveries_errand", "notification_deliveries", ["errand_id"], "errand_id IS NOT NULL"
    )
    _upkeep()
    _legal_holds()


def _upkeep() -> None:
    op.create_table(
        "upkeep",
        sa.Column("task", _WORD, primary_key=True),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("ran_at", _MOMENT, nullable=True),
        sa.Column("in_time_at", _MOMENT, nullable=False),
        sa.Column("total", _JSON, nullable=False),
    )


def _legal_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("placed_at", _MOMENT, nullable=False),
        sa.Column("placed_by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("released_at", _MOMENT, nullable=True),
        sa.Column("released_by", sa.Text, nullable=False),
    )
    _partial_index("ix_legal_holds_standing", "legal_holds", ["id"], "released_at IS NULL")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
