"""A change keeps its trace context; and old notices are found by when they were over, and what was told of one by its message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# As they were at this migration.
_WORD = sa.String(64)
_TRACED = ("arrivals", "errands", "notification_deliveries")
_VIEW = """CREATE OR REPLACE VIEW deliveries_v AS
  SELECT id, recorded_at, direction, change, action, outcome, reason, detail, attempt, case_id, incident_id, link_id, connector,
    integration, source_system, destination_system, actor, occurred_at, started_at, e2e_ms AS latency_ms, duration_ms AS took_ms,
    method, url, http_status, request_id, retry_after_s, next_attempt_at, replay_of, errand_id, arrival_id, trace
  FROM notification_deliveries"""
_IS_OVER = sa.text("cleared_at IS NOT NULL")


def upgrade() -> None:
    """The release before this one goes on inserting rows, which are of no trace, and keeps notices for ever."""
    for table in _TRACED:
        op.add_column(table, sa.Column("trace", _WORD, server_default="", nullable=False))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_VIEW)
    op.create_index(
        "ix_notices_cleared", "notices", ["cleared_at", "id"], postgresql_where=_IS_OVER, sqlite_where=_IS_OVER
    )
    op.create_index("ix_telling_attempts_telling", "telling_attempts", ["telling_id"])
