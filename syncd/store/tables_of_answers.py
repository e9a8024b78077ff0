"""The tables of what evidence has answered: judgings, acceptances, snapshots and the keys they are signed with.

What was answered once stays as it was: the database itself lets no snapshot be changed or deleted, and an acceptance be withdrawn once.
Only an account that is removed leaves its name (`store/evidence/leaving.py`).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DDL, Column, Index, LargeBinary, Named, Table, Text, TypedColumns, UniqueConstraint, event, text

from .columns import IN_THE_OPEN, Moment, Name, Serial, Word
from .tables import metadata


class ResultColumns(TypedColumns):
    """What became of one check when an account was judged: at least once a day, and whenever it changed."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word)
    judged_at: Named[datetime] = Column(Moment)
    check_id: Named[str] = Column(Word)
    result: Named[str] = Column(Word)
    judged: Named[int] = Column()  # subjects of which it could be told
    wrong: Named[int] = Column()
    accepted: Named[int] = Column()
    unread: Named[int] = Column()  # subjects of which it could not


evidence_results = Table(
    "evidence_results",
    metadata,
    ResultColumns,
    Index("ix_evidence_results_check", "integration", "check_id", "judged_at"),
)

_STANDS = text("gone_at IS NULL")


class ExceptionColumns(TypedColumns):
    """Since when a subject has been wrong by a check, and until when; what could not be told ends nothing."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word)
    check_id: Named[str] = Column(Word)
    subject: Named[str] = Column(Name)
    first_seen: Named[datetime] = Column(Moment)
    gone_at: Named[datetime | None] = Column(Moment)


evidence_exceptions = Table(
    "evidence_exceptions",
    metadata,
    ExceptionColumns,
    Index(
        "uq_evidence_exceptions_standing",
        "integration",
        "check_id",
        "subject",
        unique=True,
        postgresql_where=_STANDS,
        sqlite_where=_STANDS,
    ),
)


class AcceptanceColumns(TypedColumns):
    """Somebody has decided to live with what a check finds, for a time and with a reason."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word)
    check_id: Named[str] = Column(Word)
    subject: Named[str] = Column(Name, default="")  # an id; empty: whatever the check finds
    accepted_at: Named[datetime] = Column(Moment)
    accepted_by: Named[str] = Column(Text)
    until: Named[datetime] = Column(Moment)  # from this moment on it counts no more
    why: Named[str] = Column(Text)
    withdrawn_at: Named[datetime | None] = Column(Moment)
    withdrawn_by: Named[str] = Column(Text, default="")


evidence_acceptances = Table(
    "evidence_acceptances", metadata, AcceptanceColumns, Index("ix_evidence_acceptances_integration", "integration")
)


class SnapshotColumns(TypedColumns):
    """An answer as it was given: its report, and the signed manifest of all that was in its bundle."""

    id = Column(Serial, primary_key=True)
    integration: Named[str] = Column(Word)
    number: Named[int] = Column()  # of this account's, from 1 without a hole
    known_at: Named[datetime] = Column(Moment)  # as it was known then
    window_start: Named[datetime] = Column(Moment)
    window_end: Named[datetime] = Column(Moment)
    made_at: Named[datetime] = Column(Moment)
    asked_by: Named[str] = Column(Text)
    fingerprint: Named[str] = Column(Word)  # of the key it is signed with
    manifest: Named[bytes] = Column(LargeBinary, info=IN_THE_OPEN)  # to the byte as in the bundle
    sha256: Named[str] = Column(Word)  # of the manifest
    previous: Named[str] = Column(Word, default="")  # the same of the snapshot before; empty: there is none
    signature: Named[bytes] = Column(LargeBinary, info=IN_THE_OPEN)
    report: Named[bytes] = Column(
        LargeBinary, info=IN_THE_OPEN
    )  # report.json, to the byte as it stands in the bundle, packed


evidence_snapshots = Table(
    "evidence_snapshots", metadata, SnapshotColumns, UniqueConstraint("integration", "number", name="uq_number")
)


class KeyColumns(TypedColumns):
    """What bundles are signed with, and what pseudonyms are made with. Of a key that was replaced the public half stays."""

    id = Column(Serial, primary_key=True)
    kind: Named[str] = Column(Word)  # signing, pseudonyms
    fingerprint: Named[str] = Column(Word, unique=True)
    public_key: Named[str] = Column(Text, default="")  # PEM; none of pseudonyms
    sealed: Named[bytes | None] = Column(LargeBinary, info={"sealed_for": "evidence-key:{fingerprint}"})
    created_at: Named[datetime] = Column(Moment)
    retired_at: Named[datetime | None] = Column(Moment)


_IN_USE = text("retired_at IS NULL")
evidence_keys = Table(
    "evidence_keys",
    metadata,
    KeyColumns,
    Index("uq_evidence_keys_in_use", "kind", unique=True, postgresql_where=_IN_USE, sqlite_where=_IN_USE),
)

_WHAT_IT_WAS = "id, check_id, subject, accepted_at, accepted_by, until, why"
_AS_SIGNED = "id, number, known_at, window_start, window_end, made_at, asked_by, fingerprint, manifest, sha256, previous, signature, report"
_SNAPSHOT = "a snapshot of evidence is never changed"
_ACCEPTANCE = "an acceptance is never changed, but withdrawn once"
_SQLITE = {
    evidence_snapshots: (
        (
            f"CREATE TRIGGER evidence_snapshots_stand BEFORE UPDATE OF {_AS_SIGNED} ON evidence_snapshots "
            f"BEGIN SELECT RAISE(ABORT, '{_SNAPSHOT}'); END"
        ),
        f"CREATE TRIGGER evidence_snapshots_stay BEFORE DELETE ON evidence_snapshots BEGIN SELECT RAISE(ABORT, '{_SNAPSHOT}'); END",
    ),
    evidence_acceptances: (
        (
            f"CREATE TRIGGER evidence_acceptances_stand BEFORE UPDATE OF {_WHAT_IT_WAS} ON evidence_acceptances "
            f"BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END"
        ),
        (
            "CREATE TRIGGER evidence_acceptances_end_once BEFORE UPDATE OF withdrawn_at, withdrawn_by ON evidence_acceptances "
            "WHEN OLD.withdrawn_at IS NOT NULL "
            f"BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END"
        ),
        f"CREATE TRIGGER evidence_acceptances_stay BEFORE DELETE ON evidence_acceptances BEGIN SELECT RAISE(ABORT, '{_ACCEPTANCE}'); END",
    ),
}
_POSTGRESQL = {
    evidence_snapshots: (
        f"CREATE FUNCTION evidence_snapshots_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_SNAPSHOT}'; END $$",
        (
            f"CREATE TRIGGER evidence_snapshots_stand BEFORE DELETE OR UPDATE OF {_AS_SIGNED} ON evidence_snapshots FOR EACH ROW "
            "EXECUTE FUNCTION evidence_snapshots_stand()"
        ),
    ),
    evidence_acceptances: (
        f"CREATE FUNCTION evidence_acceptances_stand() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_ACCEPTANCE}'; END $$",
        (
            f"CREATE TRIGGER evidence_acceptances_stand BEFORE DELETE OR UPDATE OF {_WHAT_IT_WAS} ON evidence_acceptances FOR EACH ROW "
            "EXECUTE FUNCTION evidence_acceptances_stand()"
        ),
        (
            "CREATE TRIGGER evidence_acceptances_end_once BEFORE UPDATE OF withdrawn_at, withdrawn_by ON evidence_acceptances FOR EACH ROW "
            "WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION evidence_acceptances_stand()"
        ),
    ),
}
for _dialect, _triggers in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _table, _statements in _triggers.items():
        for _statement in _statements:
            event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]  # SQLAlchemy has left its types out.
