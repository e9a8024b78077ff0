"""What evidence has answered: results of checks, acceptances, signed snapshots, and the keys they are signed with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

# As they were at this migration.
_MOMENT = sa.DateTime(timezone=True)
_WORD, _NAME = sa.String(64), sa.String(255)
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_WHAT_IT_WAS = "id, integration, check_id, subject, accepted_at, accepted_by, until, why"
_SNAPSHOT = "a snapshot of evidence is never changed"
_ACCEPTANCE = "an acceptance is never changed, but withdrawn once"
_SQLITE = (
    f"CREATE TRIGGER evidence_snapshots_stand BEFORE UPDATE ON evidence_snapshots BEGIN SELECT RAISE(ABORT, '{_SNAPSHOT}'); END",
    f"CREATE TRIGGER evidence_snapshots_stay BEFORE DELETE ON evidence_snapshots BEGIN SELECT RAISE(ABORT, '{_SNAPSHOT}'); END",
    (
        f"CREATE TRIGGER evidence_acceptances_stand BEFORE UPDATE OF {_WHAT_IT_WAS} ON evidence_acceptances "
        f"BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END"
    ),
    (
        "CREATE TRIGGER evidence_acceptances_end_once BEFORE UPDATE ON evidence_acceptances WHEN OLD.withdrawn_at IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END"
    ),
    f"CREATE TRIGGER evidence_acceptances_stay BEFORE DELETE ON evidence_acceptances BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END",
)
_POSTGRESQL = (
    f"CREATE FUNCTION evidence_snapshots_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_SNAPSHOT}'; END $$",
    (
        "CREATE TRIGGER evidence_snapshots_stand BEFORE UPDATE OR DELETE ON evidence_snapshots FOR EACH ROW "
        "EXECUTE FUNCTION evidence_snapshots_stand()"
    ),
    f"CREATE FUNCTION evidence_acceptances_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_ACCEPTANCE}'; END $$",
    (
        f"CREATE TRIGGER evidence_acceptances_stand BEFORE DELETE OR UPDATE OF {_WHAT_IT_WAS} ON evidence_acceptances FOR EACH ROW "
        "EXECUTE FUNCTION evidence_acceptances_stand()"
    ),
    (
        "CREATE TRIGGER evidence_acceptances_end_once BEFORE UPDATE ON evidence_acceptances FOR EACH ROW "
        "WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION evidence_acceptances_stand()"
    ),
)


def upgrade() -> None:
    """The release before this one goes on without."""
    _results()
    _acceptances()
    _snapshots()
    _keys()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


def _results() -> None:
    op.create_table(
        "evidence_results",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("judged_at", _MOMENT, nullable=False),
        sa.Column("check_id", _WORD, nullable=False),
        sa.Column("result", _WORD, nullable=False),
        sa.Column("judged", sa.Integer, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.Column("unread", sa.Integer, nullable=False),
    )
    op.create_index("ix_evidence_results_check", "evidence_results", ["integration", "check_id", "judged_at"])
    op.create_table(
        "evidence_exceptions",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("check_id", _WORD, nullable=False),
        sa.Column("subject", _NAME, nullable=False),
        sa.Column("first_seen", _MOMENT, nullable=False),
        sa.Column("gone_at", _MOMENT, nullable=True),
    )
    stands = sa.text("gone_at IS NULL")
    op.create_index(
        "uq_evidence_exceptions_standing",
        "evidence_exceptions",
        ["integration", "check_id", "subject"],
        unique=True,
        postgresql_where=stands,
        sqlite_where=stands,
    )


def _acceptances() -> None:
    op.create_table(
        "evidence_acceptances",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("check_id", _WORD, nullable=False),
        sa.Column("subject", _NAME, nullable=False),
        sa.Column("accepted_at", _MOMENT, nullable=False),
        sa.Column("accepted_by", sa.Text, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("withdrawn_at", _MOMENT, nullable=True),
        sa.Column("withdrawn_by", sa.Text, nullable=False),
    )
    op.create_index("ix_evidence_acceptances_integration", "evidence_acceptances", ["integration"])


def _snapshots() -> None:
    op.create_table(
        "evidence_snapshots",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("integration", _WORD, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("known_at", _MOMENT, nullable=False),
        sa.Column("window_start", _MOMENT, nullable=False),
        sa.Column("window_end", _MOMENT, nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("fingerprint", _WORD, nullable=False),
        sa.Column("manifest", sa.LargeBinary, nullable=False),
        sa.Column("sha256", _WORD, nullable=False),
        sa.Column("previous", _WORD, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("report", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("integration", "number", name="uq_number"),
    )


def _keys() -> None:
    op.create_table(
        "evidence_keys",
        sa.Column("id", _SERIAL, primary_key=True),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("fingerprint", _WORD, nullable=False),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("retired_at", _MOMENT, nullable=True),
        sa.UniqueConstraint("fingerprint"),
    )
    in_use = sa.text("retired_at IS NULL")
    op.create_index(
        "uq_evidence_keys_in_use",
        "evidence_keys",
        ["kind"],
        unique=True,
        postgresql_where=in_use,
        sqlite_where=in_use,
    )
