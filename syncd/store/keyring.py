"""Which master keys have sealed something here, each with its proof. Never a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, insert, select, text

from .database import Tx
from .tables_of_upkeep import keyring


def hold(tx: Tx) -> None:
    """Until the end of this transaction nobody else adds a key: two daemons with different ones must not both be first."""
    # A writing transaction of SQLite is alone anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE keyring IN SHARE ROW EXCLUSIVE MODE"))


def proofs(tx: Tx) -> Mapping[str, bytes]:
    """Key id -> proof, oldest first."""
    rows = tx.execute(select(keyring.c.key_id, keyring.c.proof).order_by(keyring.c.created_at, keyring.c.key_id))
    return {row.key_id: row.proof for row in rows}


def since(tx: Tx) -> Mapping[str, datetime]:
    """Key id -> when it first sealed something here, oldest first."""
    rows = tx.execute(select(keyring.c.key_id, keyring.c.created_at).order_by(keyring.c.created_at, keyring.c.key_id))
    return {row.key_id: row.created_at for row in rows}


def add(tx: Tx, key_id: str, proof: bytes, now: datetime) -> None:
    tx.execute(insert(keyring).values(key_id=key_id, proof=proof, created_at=now))


def remove(tx: Tx, key_id: str) -> None:
    """Nothing here is sealed with it any more."""
    tx.execute(delete(keyring).where(keyring.c.key_id == key_id))
