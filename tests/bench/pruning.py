"""A million old deliveries are pruned while somebody writes: what a writer waits, with and without, on both databases."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta

from syncd.clock import Clock
from syncd.core.reasons import Outcome, Reason
from syncd.flow.retention.pruning import Policy, prune
from syncd.logs import configure
from syncd.store import deliveries, retention, upkeep
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from syncd.store.retention import Kept
from syncd.store.schema import upgrade
from tests.bench.databases import analyse, fill, on_both, times
from tests.store.ledger import a_link

ROWS, ERRANDS = 1_000_000, 250_000
ALONE = 20.0  # seconds the writer is measured without
PAUSE = 0.005  # between two of its transactions
POLICY = Policy({Kept.DELIVERIES: timedelta(days=400)})

_AT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%S.000000', 'now', '-500 days', '+' || i || ' seconds')",
    "postgresql": "now() - interval '500 days' + i * interval '1 second'",
}
_ERRANDS = """INSERT INTO errands (id, link_id, side, kind, change, text, author, by_name, state, held_reason, attempt,
    is_doubtful, token, next_at, far_id, created_at, shard)
  {numbers} SELECT i, 1, 'incident', 'note', 'comment', 'Looking at it.', '', 'Ana', 'delivered', '', 1,
    false, '', {at}, 'N' || i, {at}, 3 FROM n"""
_DELIVERIES = """INSERT INTO notification_deliveries (recorded_at, direction, change, action, outcome, reason, detail,
    attempt, errand_id, link_id, connector, integration, source_system, destination_system, case_id, incident_id, actor,
    method, url, request_id, request, response)
  {numbers} SELECT {at}, 'outbound', 'comment', '', 'applied', 'noted', '', 1, 1 + i / 4, 1, 'bench', 'pagerduty',
    'cases', 'pagerduty', 'CS-' || (i / 20), 'Q' || (i / 20), 'Ana', 'POST',
    'https://api.pagerduty.com/incidents/Q' || (i / 20) || '/notes', 'r' || i,
    '{{"note": {{"content": "Looking at it, the third node answers slowly since noon."}}}}',
    '{{"note": {{"id": "N", "created_at": "2025-01-01T00:00:00Z"}}}}' FROM n"""


def measure() -> dict[str, object]:
    return on_both(_measure)


def _measure(url: str) -> dict[str, object]:
    db = Database(url, Clock())
    upgrade(db)
    fill_old(db)
    end = time.monotonic() + ALONE
    alone = _write(db, lambda: time.monotonic() < end)
    begun = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "tests.bench.pruning", url]) as pruner:
        beside = _write(db, lambda: pruner.poll() is None)
    took = time.monotonic() - begun
    if pruner.returncode:
        raise RuntimeError(f"The pruner ended with {pruner.returncode}.")
    left = _left(db)
    db.close()
    return {
        "pruned": ROWS - left,
        "seconds": round(took, 1),
        "rows_a_second": round((ROWS - left) / took),
        "writer_alone_ms": alone,
        "writer_beside_ms": beside,
    }


def fill_old(db: Database) -> None:
    with db.write() as tx:
        a_link(tx)
    fill(db, ((_ERRANDS, ERRANDS), (_DELIVERIES, ROWS)), _AT)
    if not db.is_sqlite:
        analyse(db)


def _write(db: Database, goes_on: Callable[[], bool]) -> dict[str, float]:
    """A row in a transaction of its own, over and over."""
    took = []
    while goes_on():
        begun = time.perf_counter()
        with db.write() as tx:
            row = Delivery(
                recorded_at=db.now(tx), direction="inbound", change="c", outcome=Outcome.APPLIED, reason=Reason.CHANGED
            )
            deliveries.record_many(tx, [row])
        took.append((time.perf_counter() - begun) * 1000)
        time.sleep(PAUSE)
    return times(took, {"p50": 0.5, "p99": 0.99, "max": 1.0}) | {"writes": len(took)}


def _left(db: Database) -> int:
    with db.read() as tx:
        return retention.count_older(tx, Kept.DELIVERIES, db.now(tx) - POLICY.ages[Kept.DELIVERIES])


def _prune(url: str) -> None:
    """One slice after the other, without the pauses between them that a worker makes."""
    configure("error")
    db = Database(url, Clock())
    while True:
        with db.write() as tx:
            upkeep.hasten(tx, db.now(tx))
        if not prune(db, POLICY, _rest):
            break
    db.close()


def _rest(seconds: float) -> bool:
    time.sleep(seconds)
    return False


if __name__ == "__main__":
    _prune(*sys.argv[1:])
