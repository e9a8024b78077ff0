"""Sessions begun with the API token that were ended before their time, by a digest, until they would have ended anyway."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from .database import Tx
from .tables_of_access import signed_out


def add(tx: Tx, digest: str, *, until: datetime, now: datetime) -> None:
    tx.execute(delete(signed_out).where(signed_out.c.until <= now))
    if not has(tx, digest):
        tx.execute(insert(signed_out).values(digest=digest, until=until))


def has(tx: Tx, digest: str) -> bool:
    return tx.execute(select(signed_out.c.digest).where(signed_out.c.digest == digest)).first() is not None
