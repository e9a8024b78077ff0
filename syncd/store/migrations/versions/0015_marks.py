"""Up to where each account has been looked over without a gap: a look over a shorter time no longer takes the place of a longer one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# As it was at this migration.
_MOMENT = sa.DateTime(timezone=True)
_LOOKS = "FROM reconciles WHERE reconciles.integration = integrations.slug"
_MARK = "(SELECT coalesce(max(CASE WHEN state = 'done' THEN asked_at END), min(since)) {looks})"


def upgrade() -> None:
    """Looks go on from where those of the release before this one ended. It goes on ending its own without a mark, so that what
    they covered meanwhile is looked over once more.
    """
    for name in ("listed_until", "read_until"):
        op.add_column("integrations", sa.Column(name, _MOMENT, nullable=True))
    listed, read = _MARK.format(looks=_LOOKS), _MARK.format(looks=f"{_LOOKS} AND reconciles.is_deep")
    op.execute(f"UPDATE integrations SET listed_until = {listed}, read_until = {read}")  # noqa: S608  words of ours only
