"""What is kept and for how long, for whoever operates or audits it; and legal holds, which a person places and releases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from syncd.errors import Conflict, NotFound
from syncd.store import legal_holds, retention, upkeep
from syncd.store.database import Database, Tx
from syncd.store.legal_holds import LegalHold
from syncd.store.retention import Kept

from .pruning import Policy

log = structlog.get_logger(__name__)

BEHIND_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class KeptRows:
    kept: Kept
    age: timedelta | None  # None: for ever
    oldest: datetime | None
    due: int  # older than that, those among them that have to stay too


@dataclass(frozen=True, slots=True)
class Keeping:
    rows: Sequence[KeptRows]
    ran_at: datetime | None
    in_time_at: datetime | None
    total: Mapping[str, int]  # pruned since the beginning
    holds: Sequence[LegalHold]  # released ones too, newest first


def keeping(db: Database, policy: Policy) -> Keeping:
    with db.read() as tx:
        now, row = db.now(tx), upkeep.get(tx)
        rows = [_kept(tx, kept, policy.ages.get(kept), now) for kept in Kept]
        holds = legal_holds.listing(tx)
    if row is None:
        return Keeping(rows, None, None, {}, holds)
    return Keeping(rows, row.ran_at, row.in_time_at, row.total, holds)


def _kept(tx: Tx, kept: Kept, age: timedelta | None, now: datetime) -> KeptRows:
    due = 0 if age is None else retention.count_older(tx, kept, now - age)
    return KeptRows(kept, age, retention.oldest(tx, kept), due)


def behind_since(tx: Tx, now: datetime) -> datetime | None:
    """Since when pruning has not come to its end, when that is days ago. While a hold stands it is not behind."""
    row = upkeep.get(tx)
    if row is None or legal_holds.is_any_standing(tx):
        return None
    return row.in_time_at if now - row.in_time_at > BEHIND_AFTER else None


def hold(db: Database, *, by: str, why: str) -> LegalHold:
    """When this returns nothing is pruned any more: a batch that was under way has ended before."""
    with db.write() as tx:
        now = db.now(tx)
        upkeep.lock(tx, now)
        number = legal_holds.place(tx, by=by, why=why, now=now)
        placed = next(one for one in legal_holds.standing(tx) if one.id == number)
    log.info("legal_hold.placed", hold=number, by=by, why=why)
    return placed


def release(db: Database, number: int | None, *, by: str) -> LegalHold:
    """The one that stands, or the one that is named. Pruning goes on when none stands any more."""
    with db.write() as tx:
        now = db.now(tx)
        upkeep.lock(tx, now)
        chosen = _chosen(legal_holds.standing(tx), number)
        legal_holds.release(tx, chosen.id, by=by, now=now)
        upkeep.hasten(tx, now)
        released = next(one for one in legal_holds.listing(tx) if one.id == chosen.id)
    log.info("legal_hold.released", hold=chosen.id, by=by)
    return released


def _chosen(standing: Sequence[LegalHold], number: int | None) -> LegalHold:
    if not standing:
        raise NotFound("No legal hold stands; see `syncd retention show`.")
    if number is None and len(standing) > 1:
        raise Conflict(f"{len(standing)} legal holds stand; name the one to release by its id.")
    for one in standing:
        if number in {None, one.id}:
            return one
    raise NotFound(f"No legal hold {number} stands; see `syncd retention show`.")
