"""What goes out about the daemon: counts that pruning does not turn back, and notices with who was told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD, _NAME = sa.String(64), sa.String(255)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "tallies",
        sa.Column("book", _WORD, primary_key=True),
        sa.Column("upto", _SERIAL, nullable=False),
        sa.Column("totals", _JSON, nullable=False),
        sa.Column("counted_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "notices",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("cause", _NAME, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("remedy", sa.Text, nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("cleared_at", _MOMENT, nullable=True),
    )
    standing = sa.text("cleared_at IS NULL")
    op.create_index(
        "uq_notices_standing",
        "notices",
        ["kind", "cause"],
        unique=True,
        postgresql_where=standing,
        sqlite_where=standing,
    )
    op.create_table(
        "tellings",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("notice_id", _SERIAL, nullable=False),
        sa.Column("channel", _WORD, nullable=False),
        sa.Column("event", _WORD, nullable=False),
        sa.Column("state", _WORD, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("next_at", _MOMENT, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_tellings_notice_id"),
        sa.UniqueConstraint("notice_id", "channel", "event", name="uq_tellings_notice_id_channel_event"),
        sa.CheckConstraint("event IN ('opened', 'cleared')", name=op.f("ck_tellings_event")),
        sa.CheckConstraint("state IN ('waiting', 'told', 'withdrawn', 'failed')", name=op.f("ck_tellings_state")),
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index("ix_tellings_due", "tellings", ["next_at", "id"], postgresql_where=waiting, sqlite_where=waiting)
    op.create_table(
        "telling_attempts",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("telling_id", _SERIAL, nullable=False),
        sa.Column("channel", _WORD, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("outcome", _WORD, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["telling_id"], ["tellings.id"], name="fk_telling_attempts_telling_id"),
    )
    op.create_index("ix_telling_attempts_channel", "telling_attempts", ["channel", "id"])
