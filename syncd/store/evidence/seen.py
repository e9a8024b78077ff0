"""Since when records are seen in a state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from syncd.store.database import Tx
from syncd.store.tables_of_evidence import evidence_seen as kept


@dataclass(frozen=True, slots=True)
class Sight:
    state: str
    since: datetime
    was_otherwise: bool


def note(tx: Tx, slug: str, states: Mapping[str, str], at: datetime) -> None:
    """Of records as they are now: a row for each that was never seen, or was seen otherwise."""
    known = of_account(tx, slug, at)
    new = [
        {"integration": slug, "record": record, "since": at, "state": state}
        for record, state in states.items()
        if record not in known or (known[record].state != state and known[record].since < at)
    ]
    if new:
        tx.execute(insert(kept), new)


def of_account(tx: Tx, slug: str, at: datetime) -> dict[str, Sight]:
    which = select(kept).where(kept.c.integration == slug, kept.c.since <= at).order_by(kept.c.since)
    found: dict[str, Sight] = {}
    for row in tx.execute(which):
        found[row.record] = Sight(row.state, row.since, was_otherwise=row.record in found)
    return found
