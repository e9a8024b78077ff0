"""What a person has put aside or asked for once more, why a link is paused, and which hooks wait for their account."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As they were at this migration.
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WORD = sa.String(64)
_IS_DEAD = sa.text("state = 'dead'")
_HAS_ENDED = "state IN ('withdrawn', 'dead')"


def upgrade() -> None:
    """With defaults in the table: the release before this one goes on inserting rows without them."""
    op.add_column("arrivals", sa.Column("replay_of", _SERIAL, nullable=True))
    op.add_column("arrivals", sa.Column("replayed_by", sa.Text, nullable=False, server_default=""))
    op.add_column("errands", sa.Column("replayed_by", sa.Text, nullable=False, server_default=""))
    op.add_column("errands", sa.Column("dealt_with", _WORD, nullable=False, server_default=""))
    op.add_column("arrivals", sa.Column("is_held", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("links", sa.Column("pause_reason", sa.Text, nullable=False, server_default=""))
    op.execute(sa.text("UPDATE links SET pause_reason = reason, reason = '' WHERE is_paused"))
    op.create_index("ix_errands_dead", "errands", ["id"], postgresql_where=_IS_DEAD, sqlite_where=_IS_DEAD)
    op.create_index(
        "ix_errands_doubtful",
        "errands",
        ["link_id", "side"],
        postgresql_where=sa.text(f"is_doubtful AND {_HAS_ENDED}"),
        sqlite_where=sa.text(f"is_doubtful = 1 AND {_HAS_ENDED}"),
    )
    op.create_index(
        "ix_arrivals_held",
        "arrivals",
        ["source"],
        postgresql_where=sa.text("is_held"),
        sqlite_where=sa.text("is_held = 1"),
    )
