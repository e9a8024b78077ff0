"""Old rows are thrown away by policy: a slice now and then by one process for all, in small batches, unless a legal hold stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from syncd.flow import once
from syncd.store import asked_once, legal_holds, retention, upkeep
from syncd.store.database import Database
from syncd.store.retention import Kept, Place

log = structlog.get_logger(__name__)

Rest = Callable[[float], bool]  # waits for so many seconds; True: the process is to end, so stop
BATCH = 500  # rows; a writer of SQLite waits for one batch at most
SLICE = 1.0  # seconds of one process's timer
LEASE = timedelta(minutes=1)  # who has not come back by then is gone, and another takes over
SOON = timedelta(seconds=5)  # after a slice that left something
LATER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Policy:
    """What is not named is kept for ever."""

    ages: Mapping[Kept, timedelta]


@dataclass(slots=True)
class _Slice:
    db: Database
    policy: Policy
    rest: Rest
    until: float
    batch: int
    thrown: Counter[str] = field(default_factory=Counter)

    def run(self) -> bool:
        """True when nothing is left to do."""
        ended = [self._walk(kept) for kept in Kept if kept in self.policy.ages]
        return all(ended)

    def _walk(self, kept: Kept) -> bool:
        """From the oldest on, past those that have to stay, so that they can never be in the way of others."""
        after: Place | None = None
        while self.db.clock.monotonic() < self.until:
            begun = self.db.clock.monotonic()
            after, is_last = self._batch(kept, after)
            if is_last:
                return True
            # As long as it took, so that writers who queue up get their turn in between.
            if self.rest(self.db.clock.monotonic() - begun):
                return False
        return False

    def _batch(self, kept: Kept, after: Place | None) -> tuple[Place | None, bool]:
        """How far it came, and whether that was the end of it. A hold ends it, and leaves nothing undone."""
        with self.db.read() as tx:
            before = self.db.now(tx) - self.policy.ages[kept]
            found = retention.page(tx, kept, before, after, self.batch)
        if not found:
            return after, True
        if not self._throw_away(kept, [one.id for one in found], before):
            return after, True
        return found[-1], len(found) < self.batch

    def _throw_away(self, kept: Kept, ids: list[int], before: datetime) -> bool:
        with self.db.write() as tx:
            now = self.db.now(tx)
            row = upkeep.lock(tx, now)
            if legal_holds.is_any_standing(tx):
                return False
            gone = retention.throw_away(tx, kept, ids, before, now)
            upkeep.count(tx, row, gone)
        self.thrown.update(gone)
        return True


def prune(db: Database, policy: Policy, rest: Rest, *, batch: int = BATCH) -> Mapping[str, int]:
    """One slice, when it is time for one and nobody else is at it: how many of what went."""
    if not _takes_it(db):
        return {}
    work = _Slice(db, policy, rest, db.clock.monotonic() + SLICE, batch)
    is_in_time = work.run()
    with db.write() as tx:
        now = db.now(tx)
        asked_once.forget(tx, now - once.KEPT)
        upkeep.end(tx, now, now + (LATER if is_in_time else SOON), is_in_time=is_in_time)
    if work.thrown.total():
        log.info("rows.pruned", **work.thrown, is_in_time=is_in_time)
    return work.thrown


def _takes_it(db: Database) -> bool:
    """Asked before it is written: it is not time for nearly all who ask."""
    with db.read() as tx:
        now, row = db.now(tx), upkeep.get(tx)
        if row is not None and row.next_at > now:
            return False
    with db.write() as tx:
        now = db.now(tx)
        return upkeep.take(tx, now, now + LEASE)
