"""What a look at /metrics costs when there are a million deliveries: the first one, and each after it, on both databases."""

from __future__ import annotations

import tempfile
import time

from syncd.clock import Clock
from syncd.flow.metrics.counting import totals
from syncd.store import tallies
from syncd.store.database import Database
from syncd.store.schema import upgrade
from syncd.store.tallies import Book
from tests.bench.pruning import ROWS, fill
from tests.parts.postgres import serving

LOOKS = 20


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        figures: dict[str, object] = {"sqlite": _measure(f"sqlite:///{folder}/syncd.db")}
    with serving({"shared_buffers": "128MB"}, durable=True) as postgres:
        figures["postgresql"] = _measure(postgres.create())
    return figures


def _measure(url: str) -> dict[str, float]:
    db = Database(url, Clock())
    upgrade(db)
    fill(db)
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
