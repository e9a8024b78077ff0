"""The action log, of what people and programs have done here; and links for the first admin."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD, _NAME = sa.String(64), sa.String(255)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_WHAT_IT_WAS = "id, at, who, known_as, way, action, act, named"
_SAYS = "a row of the action log is never changed"
_SQLITE = (
    f"CREATE TRIGGER actions_stand BEFORE UPDATE OF {_WHAT_IT_WAS} ON actions BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END",
    (
        "CREATE TRIGGER actions_end_once BEFORE UPDATE ON actions WHEN OLD.outcome <> 'begun' "
        f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
    ),
)
_POSTGRESQL = (
    f"CREATE FUNCTION actions_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$",
    f"CREATE TRIGGER actions_stand BEFORE UPDATE OF {_WHAT_IT_WAS} ON actions FOR EACH ROW EXECUTE FUNCTION actions_stand()",
    (
        "CREATE TRIGGER actions_end_once BEFORE UPDATE ON actions FOR EACH ROW WHEN (OLD.outcome <> 'begun') "
        "EXECUTE FUNCTION actions_stand()"
    ),
)


def upgrade() -> None:
    """The release before this one does not write it, and what is done there meanwhile is missing."""
    op.create_table(
        "actions",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("who", _NAME, nullable=False),
        sa.Column("known_as", _WORD, nullable=False),
        sa.Column("way", _WORD, nullable=False),
        sa.Column("action", _WORD, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("named", _JSON, nullable=False),
        sa.Column("outcome", _WORD, nullable=False),
        sa.Column("status", sa.Integer, nullable=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
    )
    op.create_index("ix_actions_who", "actions", ["who", "id"])
    op.create_index("ix_actions_action", "actions", ["action", "id"])
    op.create_index("ix_actions_at", "actions", ["at", "id"])
    op.create_table(
        "first_admin_links",
        sa.Column("digest", _WORD, primary_key=True),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("made_by", sa.Text, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
