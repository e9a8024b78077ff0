"""What has to be the same for an answer about an account to be the same: what was collected, accepted and judged."""

from __future__ import annotations

from sqlalchemy import func, select

from syncd.store.columns import says
from syncd.store.database import Tx
from syncd.store.evidence.collections import DONE
from syncd.store.tables_of_answers import evidence_acceptances as acceptances
from syncd.store.tables_of_answers import evidence_results as results
from syncd.store.tables_of_evidence import evidence_collections as collections

Stamp = tuple[int, ...]


def stamp_of(tx: Tx, slug: str) -> Stamp:
    ended = select(func.count()).where(collections.c.integration == slug, says(collections.c.state, DONE))
    given = select(func.count(), func.count(acceptances.c.withdrawn_at)).where(acceptances.c.integration == slug)
    judged = select(func.coalesce(func.max(results.c.id), 0)).where(results.c.integration == slug)
    accepted, withdrawn = tx.execute(given).one()
    return tx.execute(ended).scalar_one(), accepted, withdrawn, tx.execute(judged).scalar_one()
