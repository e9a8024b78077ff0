"""What did not go well is found by an index of its own; and PostgreSQL has a view for people who write SQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

# As it was at this migration.
_IS_UNUSUAL = sa.text("outcome IN ('retrying', 'held', 'failed', 'rejected', 'parked')")
_VIEW = """CREATE VIEW deliveries_v AS
  SELECT id, recorded_at, direction, change, action, outcome, reason, detail, attempt, case_id, incident_id, link_id, connector,
    integration, source_system, destination_system, actor, occurred_at, started_at, e2e_ms AS latency_ms, duration_ms AS took_ms,
    method, url, http_status, request_id, retry_after_s, next_attempt_at, replay_of, errand_id, arrival_id
  FROM notification_deliveries"""


def upgrade() -> None:
    """The release before this one goes on without them."""
    op.create_index(
        "ix_notification_deliveries_unusual",
        "notification_deliveries",
        ["outcome", "recorded_at", "id"],
        postgresql_where=_IS_UNUSUAL,
        sqlite_where=_IS_UNUSUAL,
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_VIEW)
