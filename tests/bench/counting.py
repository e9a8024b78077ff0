"""What a look at /metrics costs when there are a million deliveries: the first one, and each after it, on both databases."""

from __future__ import annotations

import time

from syncd.clock import Clock
from syncd.flow.metrics.counting import totals
from syncd.store import tallies
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.store.tallies import Book
from tests.bench.databases import on_both
from tests.bench.pruning import ROWS, fill_old

LOOKS = 20


def measure() -> dict[str, object]:
    return on_both(_measure)


def _measure(url: str) -> dict[str, float]:
    db = Database(url, Clock())
    upgrade(db)
    fill_old(db)
    first = _took(db)
    later = sorted(_took(db) for _ in range(LOOKS))
    with db.read() as tx:
        begun = time.perf_counter()
        tallies.between(tx, Book.DELIVERIES, 0, ROWS)
    anew = time.perf_counter() - begun
    db.close()
    figures = {"first": first, "p50": later[LOOKS // 2], "max": later[-1], "were_all_counted_anew": anew}
    return {f"{name}_ms": round(seconds * 1000, 1) for name, seconds in figures.items()}


def _took(db: Database) -> float:
    begun = time.perf_counter()
    totals(db)
    return time.perf_counter() - begun
