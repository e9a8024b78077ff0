"""Which notices stand: one process at a time compares what is so with what was told, opens what is new and clears what is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

import structlog

from syncd.store import notices, upkeep
from syncd.store.database import Database, Tx
from syncd.store.notices import Notice

from .causes import Cause, causes

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)
LEASE = timedelta(minutes=1)  # who has not come back by then is gone


def look(db: Database, channels: Collection[str]) -> bool:
    """False: it is not time, or somebody else's turn."""
    if not _takes_it(db):
        return False
    with db.read() as tx:
        now = db.now(tx)
        there, told = causes(tx, now), notices.standing(tx)
    with db.write() as tx:
        _write(db, tx, there, told, channels)
    return True


def _takes_it(db: Database) -> bool:
    with db.read() as tx:
        at = upkeep.next_at(tx, upkeep.NOTICING)
        if at is not None and at > db.now(tx):
            return False
    with db.write() as tx:
        now = db.now(tx)
        return upkeep.take(tx, now, now + LEASE, upkeep.NOTICING)


def _write(
    db: Database,
    tx: Tx,
    there: Mapping[tuple[str, str], Cause],
    told: Mapping[tuple[str, str], Notice],
    channels: Collection[str],
) -> None:
    now = db.now(tx)
    for key in there.keys() - told.keys():
        one = there[key]
        number = notices.raise_(tx, one.kind, one.name, one.what, one.remedy, now)
        notices.queue(tx, number, channels, notices.OPENED, now)
        log.warning("notice.opened", kind=one.kind, cause=one.name, what=one.what)
    for key in told.keys() - there.keys():
        over = told[key]
        notices.clear(tx, over.id, now)
        heard = notices.withdraw_opened(tx, over.id)
        notices.queue(tx, over.id, heard, notices.CLEARED, now)
        log.info("notice.cleared", kind=over.kind, cause=over.cause)
    upkeep.put_off(tx, now + EVERY, upkeep.NOTICING)
