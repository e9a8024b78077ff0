"""The keys that bundles are signed with, and the one that pseudonyms are made with. Private halves are here only as the vault sealed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, text, update

from syncd.store.database import Tx
from syncd.store.tables_of_answers import evidence_keys as keys

SIGNING, PSEUDONYMS = "signing", "pseudonyms"


@dataclass(frozen=True, slots=True)
class Kept:
    kind: str
    fingerprint: str
    public_key: str
    sealed: bytes | None
    created_at: datetime
    retired_at: datetime | None = None


def hold(tx: Tx) -> None:
    """Until the end of this transaction nobody else makes one."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("LOCK TABLE evidence_keys IN SHARE ROW EXCLUSIVE MODE"))


def in_use(tx: Tx, kind: str) -> Kept | None:
    row = tx.execute(select(keys).where(keys.c.kind == kind, keys.c.retired_at.is_(None))).one_or_none()
    return None if row is None else _kept(row)


def all_of(tx: Tx, kind: str) -> Sequence[Kept]:
    """Oldest first, with those that were replaced."""
    return [_kept(row) for row in tx.execute(select(keys).where(keys.c.kind == kind).order_by(keys.c.id))]


def add(tx: Tx, one: Kept) -> None:
    said = {"kind": one.kind, "fingerprint": one.fingerprint, "public_key": one.public_key}
    tx.execute(insert(keys).values(**said, sealed=one.sealed, created_at=one.created_at))


def retire(tx: Tx, fingerprint: str, now: datetime) -> None:
    """Nothing is signed with it any more, so its private half goes; what it has signed is verified by the public one."""
    tx.execute(update(keys).where(keys.c.fingerprint == fingerprint).values(retired_at=now, sealed=None))


def _kept(row: Row[*tuple[Any, ...]]) -> Kept:
    return Kept(row.kind, row.fingerprint, row.public_key, row.sealed, row.created_at, row.retired_at)
