"""What has to be the same for an answer about an account to be the same: what was collected, accepted and judged."""

from __future__ import annotations

from sqlalchemy import func, select

from syncd.store import integrations, probes
from syncd.store.columns import says
from syncd.store.database import Tx
from syncd.store.evidence.collections import DONE
from syncd.store.tables import links
from syncd.store.tables_of_answers import evidence_acceptances as acceptances
from syncd.store.tables_of_answers import evidence_exceptions as exceptions
from syncd.store.tables_of_answers import evidence_results as results
from syncd.store.tables_of_cases import case_events
from syncd.store.tables_of_evidence import evidence_collections as collections

Stamp = tuple[int, ...]
Ground = tuple[object, ...]  # to be compared, and nothing else


def stamp_of(tx: Tx, slug: str) -> Stamp:
    ended = select(func.count()).where(collections.c.integration == slug, says(collections.c.state, DONE))
    given = select(func.count(), func.count(acceptances.c.withdrawn_at)).where(acceptances.c.integration == slug)
    judged = select(func.coalesce(func.max(results.c.id), 0)).where(results.c.integration == slug)
    accepted, withdrawn = tx.execute(given).one()
    return tx.execute(ended).scalar_one(), accepted, withdrawn, tx.execute(judged).scalar_one()


def ground_of(tx: Tx, slug: str) -> Ground:
    """All that an answer of the present is made from, but the rules and the time: also the account and its key, what is under way, since
    when subjects are wrong, and the cases beside its incidents.
    """
    account = integrations.get(tx, slug)
    asked = tuple(sorted((one.subject, one.state, one.code, one.checked_at) for one in probes.of(tx, slug).values()))
    mine = select(
        collections.c.id, collections.c.state, collections.c.next_at, collections.c.requests, collections.c.detail
    )
    under_way = mine.where(collections.c.integration == slug, ~says(collections.c.state, DONE)).order_by(
        collections.c.id
    )
    wrong = select(func.max(exceptions.c.id), func.count(exceptions.c.gone_at)).where(exceptions.c.integration == slug)
    linked = select(func.count(), func.sum(links.c.version)).where(links.c.integration == slug)
    moved = select(func.max(case_events.c.id))
    rows = (tuple(tuple(row) for row in tx.execute(one)) for one in (under_way, wrong, linked, moved))
    return (stamp_of(tx, slug), account, asked, *rows)
