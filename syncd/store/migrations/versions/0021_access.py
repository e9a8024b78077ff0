"""Who gets in: API tokens, console users, their sessions, and sign-ins that failed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_WORD, _NAME = sa.String(64), sa.String(255)


def upgrade() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", _WORD, primary_key=True),
        sa.Column("name", _NAME, nullable=False, unique=True),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("role", _WORD, nullable=False),
        sa.Column("integrations", _JSON, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=True),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("revoked_by", sa.Text, server_default="", nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=True),
    )
    op.create_table(
        "users",
        sa.Column("name", _NAME, primary_key=True),
        sa.Column("role", _WORD, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("disabled_at", _MOMENT, nullable=True),
        sa.Column("disabled_by", sa.Text, server_default="", nullable=False),
    )
    op.create_table(
        "console_sessions",
        sa.Column("digest", _WORD, primary_key=True),
        sa.Column("user", _NAME, sa.ForeignKey("users.name"), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
    )
    op.create_index("ix_console_sessions_user", "console_sessions", ["user"])
    op.create_index("ix_console_sessions_until", "console_sessions", ["until"])
    op.create_table(
        "failed_sign_ins",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("subject", _WORD, nullable=False),
        sa.Column("address", _NAME, nullable=False),
    )
    for column in ("subject", "address", "at"):
        op.create_index(f"ix_failed_sign_ins_{column}", "failed_sign_ins", [column])
