"""What ever happened, counted off the tables: nothing is lost with a process, and whoever asks, wherever, is told the same.

Pruning turns no count back, since rows are counted for good while they are there.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from syncd.store import tallies
from syncd.store.database import Database
from syncd.store.tallies import Book, Key, Totals

SETTLED_AFTER = timedelta(minutes=2)  # a row that is younger may stand behind one that is still being written
STEP = 100_000  # rows counted between two looks at the clock of others: nobody waits behind more


def totals(db: Database, *, step: int = STEP) -> Totals:
    """All there ever was, up to this moment."""
    counted: Counter[Key] = Counter()
    for book in Book:
        counted.update(_of(db, book, step))
    return counted


def _of(db: Database, book: Book, step: int) -> Totals:
    while _counts_on(db, book, step):
        pass
    with db.read() as tx:
        kept = tallies.kept(tx, book)
        return Counter(kept.totals) + Counter(tallies.between(tx, book, kept.after, tallies.last(tx, book)))


def _counts_on(db: Database, book: Book, step: int) -> bool:
    """One step further for good. False: all that is settled is counted. It is read beside everybody else's writes."""
    with db.read() as tx:
        now = db.now(tx)
        kept = tallies.kept(tx, book)
        upto = min(tallies.last_before(tx, book, now - SETTLED_AFTER), kept.after + step)
        if upto <= kept.after:
            return False
        more = tallies.between(tx, book, kept.after, upto)
    with db.write() as tx:
        tallies.begin(tx, book, now)
        tallies.keep(tx, book, kept.upto, upto, Counter(kept.totals) + Counter(more), now)
    return True
