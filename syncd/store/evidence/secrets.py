"""Keys that evidence makes for itself, sealed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from syncd.store.database import Tx
from syncd.store.tables_of_evidence import evidence_secrets


def get(tx: Tx, name: str) -> bytes | None:
    return tx.execute(select(evidence_secrets.c.sealed).where(evidence_secrets.c.name == name)).scalar_one_or_none()


def put(tx: Tx, name: str, sealed: bytes) -> None:
    """Of several who make one at once the first stands."""
    dialect = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = dialect(evidence_secrets).values(name=name, sealed=sealed)
    tx.execute(statement.on_conflict_do_nothing(index_elements=["name"]))
