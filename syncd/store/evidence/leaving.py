"""What was collected of an account that goes, or whose place another one takes: it stays under a name that nobody else will have."""

from __future__ import annotations

from sqlalchemy import func, select, update

from syncd.store.columns import says
from syncd.store.database import Tx
from syncd.store.tables_of_evidence import evidence_collections, evidence_incidents, evidence_seen

from . import collections

_OVER = [{"why": "failed", "part": "", "needs": "the account was removed, or moved, while it was collected"}]


def leave_behind(tx: Tx, slug: str) -> str:
    """The name; empty: nothing was collected. Whoever is collecting finds that it is his no more."""
    collections.forget_to_come(tx, slug)
    mine = evidence_collections.c.integration == slug
    last = tx.execute(select(func.max(evidence_collections.c.id)).where(mine)).scalar_one()
    if last is None:
        return ""
    name = f"{slug[:40]}/{last}"
    begun = func.coalesce(evidence_collections.c.begun_at, evidence_collections.c.asked_at)
    ended = {"state": collections.DONE, "ended_at": begun, "lease_until": None, "missing": _OVER}
    tx.execute(
        update(evidence_collections).where(mine, ~says(evidence_collections.c.state, collections.DONE)).values(**ended)
    )
    for table in (evidence_collections, evidence_incidents, evidence_seen):
        tx.execute(update(table).where(table.c.integration == slug).values(integration=name))
    return name
