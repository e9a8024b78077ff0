"""A person pauses one link, or lets it go on. While it is paused everything for it is kept, in its order."""

from __future__ import annotations

from dataclasses import replace

import structlog

from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.errors import NotFound
from syncd.flow import rows
from syncd.store import deliveries, holds, integrations, links
from syncd.store.database import Database, Tx
from syncd.store.links import StoredLink

log = structlog.get_logger(__name__)


def pause(db: Database, link_id: int, *, by: str, why: str = "") -> bool:
    """What is out is let come back; what waits is held, each with a row. Whoever was first stands: a second changes nothing.

    Whether it changed anything.
    """
    reason = f"Paused by {by}" + (f": {why}" if why else ".")
    with db.write() as tx:
        stored = _locked(tx, link_id)
        if stored.link.is_paused:
            return False
        stored, now = links.save(tx, stored, replace(stored.link, is_paused=True)), db.now(tx)
        links.explain_pause(tx, link_id, reason, now)
        held = [one for side in Side for one in holds.hold_lane(tx, link_id, side, Reason.PAUSED)]
        ended = rows.Ended(Outcome.HELD, Reason.PAUSED, reason)
        deliveries.record_many(tx, [rows.of_errand(one, stored, now, ended) for one in held])
    log.info("link.paused", link_id=link_id, by=by, held=len(held))
    return True


def resume(db: Database, link_id: int, *, by: str) -> bool:
    """Everything goes on in its order. What another reason holds as well, the next claim holds for that one.

    Whether it changed anything.
    """
    with db.write() as tx:
        stored = _locked(tx, link_id)
        if not stored.link.is_paused:
            return False
        stored = links.save(tx, stored, replace(stored.link, is_paused=False))
        links.resumed(tx, link_id, db.now(tx))
        is_still_held = any(_is_account_paused(tx, stored.link.system(side)) for side in Side)
        freed = 0 if is_still_held else holds.let_go_of_link(tx, link_id, Reason.PAUSED)
    log.info("link.resumed", link_id=link_id, by=by, freed=freed)
    return True


def _is_account_paused(tx: Tx, slug: str) -> bool:
    account = integrations.get(tx, slug)
    return account is not None and account.is_paused


def _locked(tx: Tx, link_id: int) -> StoredLink:
    found = links.lock_many(tx, [link_id]).get(link_id)
    if found is None:
        raise NotFound(f"There is no link {link_id}; see `syncd links list`.")
    return found
