"""A person holds an account back: paused, all that is for either side of its links is kept; only observed, nothing is
written there.
"""

from __future__ import annotations

from datetime import datetime

import structlog

from syncd.core.connection import Kind
from syncd.core.prepare import ONLY_OBSERVED, WAS_OBSERVED
from syncd.core.reasons import Outcome, Reason
from syncd.errors import NotFound
from syncd.flow import accounts, rows
from syncd.store import connection_log, deliveries, holds, integrations, links
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration

log = structlog.get_logger(__name__)


def pause(db: Database, slug: str, *, by: str, why: str) -> bool:
    """What is out is let come back; what waits on either side is held, each with a row. Whoever was first stands.

    Whether it changed anything.
    """
    with db.write() as tx:
        now = db.now(tx)
        if _locked(tx, slug).is_paused:
            return False
        integrations.pause(tx, slug, by=by, why=why, at=now)
        _note(tx, slug, by, now, f"Paused: {why}")
        ended = rows.Ended(Outcome.HELD, Reason.PAUSED, _locked(tx, slug).why_paused)
        held = holds.hold_links_of(tx, slug, Reason.PAUSED)
        of_links = {one.link_id: links.get(tx, one.link_id) for one in held}
        told = [(one, link) for one in held if (link := of_links[one.link_id]) is not None]
        deliveries.record_many(tx, [rows.of_errand(one, link, now, ended) for one, link in told])
    log.info("integration.paused", integration=slug, by=by, held=len(held))
    return True


def resume(db: Database, slug: str, *, by: str) -> bool:
    """Everything goes on in its order. What another reason holds as well, the next claim holds for that one.

    Whether it changed anything.
    """
    with db.write() as tx:
        if not _locked(tx, slug).is_paused:
            return False
        integrations.resume(tx, slug)
        _note(tx, slug, by, db.now(tx), "Resumed.")
        holds.let_go_of_resumed(tx, Reason.PAUSED)
        accounts.let_go_of_hooks(tx, integrations.all_of(tx).values(), db.now(tx))
        accounts.look_at_once(tx, slug, db.now(tx))
    log.info("integration.resumed", integration=slug, by=by)
    return True


def observe(db: Database, slug: str, *, by: str) -> bool:
    """From now on it is read and everything is planned, and what would be written there is only told.

    What was asked for before is kept, and goes out afterwards. Whether it changed anything.
    """
    with db.write() as tx:
        if _locked(tx, slug).is_observed:
            return False
        now = db.now(tx)
        integrations.observe(tx, slug, by=by, at=now)
        _note(tx, slug, by, now, "Only observed from now on.")
    log.info("integration.observed", integration=slug, by=by)
    return True


def write_again(db: Database, slug: str, *, by: str) -> bool:
    """It is no longer only observed. What was asked for before that goes out, in its order; what would have been written
    meanwhile is decided anew by the next sweep. Whether it changed anything.
    """
    with db.write() as tx:
        if not _locked(tx, slug).is_observed:
            return False
        integrations.observe(tx, slug, by="", at=None)
        _note(tx, slug, by, db.now(tx), "Written to again.")
        links.explain_anew(tx, slug, ONLY_OBSERVED, WAS_OBSERVED)
        holds.let_go_of_written(tx, Reason.ASKED_BEFORE)
    log.info("integration.written_again", integration=slug, by=by)
    return True


def _note(tx: Tx, slug: str, by: str, now: datetime, detail: str) -> None:
    connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=detail)


def _locked(tx: Tx, slug: str) -> Integration:
    found = integrations.lock(tx, slug)
    if found is None:
        raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
    return found
