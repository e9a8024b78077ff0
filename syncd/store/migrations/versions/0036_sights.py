"""With each collecting of evidence stands what its key saw (of those before nobody knows that), and what was collected and judged stands.

Of an account that was removed it is known which one it was, so that the same one takes its evidence up again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")  # As it was at this migration.

# As they were at this migration.
_PAGE = "a page of evidence is never changed"
_COLLECTING = "a collecting that has ended is never changed"
_INCIDENT = "what an incident was found to be is never changed"
_RESULT = "what became of a check is never changed"
_ENDED = (  # all but the account's name: one that is removed leaves it to another
    "id, dataset, due_at, asked_at, asked_by, since, state, next_at, lease_until, begun_at, ended_at, detail, tries, requests, pages, "
    "records, settings, covers, missing, sights"
)
_FOUND = "incident, collection, created_at, is_open, is_settled, stamp, log_stamp, log_until, found"
_JUDGED = "id, judged_at, check_id, result, judged, wrong, accepted, unread"
_HAS_ENDED = "(SELECT state FROM evidence_collections WHERE id = OLD.collection) = 'done'"


def _refuses(table: str, why: str) -> str:
    return (
        f"CREATE FUNCTION {table}_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )


_SQLITE = (
    f"CREATE TRIGGER evidence_pages_stand BEFORE UPDATE ON evidence_pages BEGIN SELECT RAISE(ABORT, '{_PAGE}'); END",
    f"CREATE TRIGGER evidence_pages_stay BEFORE DELETE ON evidence_pages BEGIN SELECT RAISE(ABORT, '{_PAGE}'); END",
    (
        f"CREATE TRIGGER evidence_collections_stand BEFORE UPDATE OF {_ENDED} ON evidence_collections WHEN OLD.state = 'done' "
        f"BEGIN SELECT RAISE(ABORT, '{_COLLECTING}'); END"
    ),
    (
        "CREATE TRIGGER evidence_collections_stay BEFORE DELETE ON evidence_collections WHEN OLD.state = 'done' "
        f"BEGIN SELECT RAISE(ABORT, '{_COLLECTING}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_incidents_stand BEFORE UPDATE OF {_FOUND} ON evidence_incidents "
        f"BEGIN SELECT RAISE(ABORT, '{_INCIDENT}'); END"
    ),
    (
        "CREATE TRIGGER evidence_incidents_replaced_once BEFORE UPDATE OF replaced_by ON evidence_incidents "
        f"WHEN OLD.replaced_by IS NOT NULL BEGIN SELECT RAISE(ABORT, '{_INCIDENT}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_incidents_stay BEFORE DELETE ON evidence_incidents WHEN {_HAS_ENDED} "
        f"BEGIN SELECT RAISE(ABORT, '{_INCIDENT}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_results_stand BEFORE UPDATE OF {_JUDGED} ON evidence_results "
        f"BEGIN SELECT RAISE(ABORT, '{_RESULT}'); END"
    ),
    f"CREATE TRIGGER evidence_results_stay BEFORE DELETE ON evidence_results BEGIN SELECT RAISE(ABORT, '{_RESULT}'); END",
)
_POSTGRESQL = (
    _refuses("evidence_pages", _PAGE),
    (
        "CREATE TRIGGER evidence_pages_stand BEFORE UPDATE OR DELETE ON evidence_pages FOR EACH ROW "
        "EXECUTE FUNCTION evidence_pages_stand()"
    ),
    _refuses("evidence_collections", _COLLECTING),
    (
        f"CREATE TRIGGER evidence_collections_stand BEFORE DELETE OR UPDATE OF {_ENDED} ON evidence_collections FOR EACH ROW "
        "WHEN (OLD.state = 'done') EXECUTE FUNCTION evidence_collections_stand()"
    ),
    _refuses("evidence_incidents", _INCIDENT),
    (
        f"CREATE TRIGGER evidence_incidents_stand BEFORE UPDATE OF {_FOUND} ON evidence_incidents FOR EACH ROW "
        "EXECUTE FUNCTION evidence_incidents_stand()"
    ),
    (
        "CREATE TRIGGER evidence_incidents_replaced_once BEFORE UPDATE OF replaced_by ON evidence_incidents FOR EACH ROW "
        "WHEN (OLD.replaced_by IS NOT NULL) EXECUTE FUNCTION evidence_incidents_stand()"
    ),
    (
        "CREATE FUNCTION evidence_incidents_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_HAS_ENDED} THEN RAISE EXCEPTION '{_INCIDENT}'; END IF; RETURN OLD; END $$"
    ),
    (
        "CREATE TRIGGER evidence_incidents_stay BEFORE DELETE ON evidence_incidents FOR EACH ROW "
        "EXECUTE FUNCTION evidence_incidents_stay()"
    ),
    _refuses("evidence_results", _RESULT),
    (
        f"CREATE TRIGGER evidence_results_stand BEFORE DELETE OR UPDATE OF {_JUDGED} ON evidence_results FOR EACH ROW "
        "EXECUTE FUNCTION evidence_results_stand()"
    ),
)

_AS_SIGNED = "id, number, known_at, window_start, window_end, made_at, asked_by, fingerprint, manifest, sha256, previous, signature, report"
_ACCEPTED = "id, check_id, subject, accepted_at, accepted_by, until, why"
_SNAPSHOT = "a snapshot of evidence is never changed"
_ACCEPTANCE = "an acceptance is never changed, but withdrawn once"
_RENEWED = ("evidence_snapshots_stand", "evidence_acceptances_stand", "evidence_acceptances_end_once")
_SQLITE_RENEWED = (
    (
        f"CREATE TRIGGER evidence_snapshots_stand BEFORE UPDATE OF {_AS_SIGNED} ON evidence_snapshots "
        f"BEGIN SELECT RAISE(ABORT, '{_SNAPSHOT}'); END"
    ),
    (
        f"CREATE TRIGGER evidence_acceptances_stand BEFORE UPDATE OF {_ACCEPTED} ON evidence_acceptances "
        f"BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END"
    ),
    (
        "CREATE TRIGGER evidence_acceptances_end_once BEFORE UPDATE OF withdrawn_at, withdrawn_by ON evidence_acceptances "
        f"WHEN OLD.withdrawn_at IS NOT NULL BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END"
    ),
)
_POSTGRESQL_RENEWED = (
    (
        f"CREATE TRIGGER evidence_snapshots_stand BEFORE DELETE OR UPDATE OF {_AS_SIGNED} ON evidence_snapshots FOR EACH ROW "
        "EXECUTE FUNCTION evidence_snapshots_stand()"
    ),
    (
        f"CREATE TRIGGER evidence_acceptances_stand BEFORE DELETE OR UPDATE OF {_ACCEPTED} ON evidence_acceptances FOR EACH ROW "
        "EXECUTE FUNCTION evidence_acceptances_stand()"
    ),
    (
        "CREATE TRIGGER evidence_acceptances_end_once BEFORE UPDATE OF withdrawn_at, withdrawn_by ON evidence_acceptances FOR EACH ROW "
        "WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION evidence_acceptances_stand()"
    ),
)


def upgrade() -> None:
    op.add_column("evidence_collections", sa.Column("sights", _JSON, nullable=False, server_default="[]"))
    op.create_table(
        "evidence_left",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("integration", sa.String(64), nullable=False),
        sa.Column("account_host", sa.String(255), nullable=False, server_default=""),
    )
    is_server = op.get_bind().dialect.name == "postgresql"
    for name in _RENEWED:
        table = "evidence_snapshots" if "snapshots" in name else "evidence_acceptances"
        op.execute(f"DROP TRIGGER {name} ON {table}" if is_server else f"DROP TRIGGER {name}")
    for statement in (*_POSTGRESQL, *_POSTGRESQL_RENEWED) if is_server else (*_SQLITE, *_SQLITE_RENEWED):
        op.execute(statement)
