"""A few deliveries that differ in everything that can be asked for; each is named by its number, from 1."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from syncd.core.reasons import Outcome, Reason
from syncd.store import deliveries
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from tests.store.ledger import NOON

NOW = NOON + timedelta(hours=1)
_ROW = Delivery(
    recorded_at=NOON,
    direction="inbound",
    change="resolve",
    outcome=Outcome.APPLIED,
    reason=Reason.CHANGED,
    integration="pagerduty",
    source_system="pagerduty",
    destination_system="cases",
    actor="Ana Lima",
)


def _ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


ROWS = (
    replace(_ROW, recorded_at=_ago(days=40), case_id="CS-1", link_id=1, connector="payments"),
    replace(
        _ROW,
        recorded_at=_ago(days=8),
        case_id="CS-10",
        incident_id="Q10",
        link_id=10,
        attempt=1,
        http_status=200,
        e2e_ms=40,
    ),
    replace(
        _ROW,
        recorded_at=_ago(days=2),
        direction="outbound",
        change="comment",
        outcome=Outcome.FAILED,
        reason=Reason.REFUSED,
        detail="404 Not Found: 100% of _it_ \\ [gone]?",
        case_id="CS-101",
        attempt=3,
        http_status=404,
        e2e_ms=2_000,
        duration_ms=1_500,
        request_id="e2.3.1",
        trace="0af7651916cd43dd8448eb211c80319c",
        errand_id=2,
        integration="other",
        source_system="cases",
        destination_system="pagerduty",
    ),
    replace(
        _ROW,
        recorded_at=_ago(hours=20),
        direction="outbound",
        action="look",
        outcome=Outcome.RETRYING,
        reason=Reason.RATE_LIMITED,
        case_id="cs-10",
        attempt=2,
        http_status=429,
        e2e_ms=2_001,
        duration_ms=90,
        request_id="e2.3.2",
        trace="0af7651916cd43dd8448eb211c80319c",
        errand_id=2,
        integration="other",
    ),
    replace(
        _ROW,
        recorded_at=_ago(hours=2),
        outcome=Outcome.SUPPRESSED,
        reason=Reason.ECHO,
        actor="",
        arrival_id=7,
        e2e_ms=60_000,
    ),
    replace(
        _ROW,
        recorded_at=_ago(minutes=1),
        outcome=Outcome.REJECTED,
        reason=Reason.BAD_SIGNATURE,
        change="none",
        actor="Åsa",
        case_id="C*1",
        incident_id="Q[1]",
        integration="",
        http_status=503,
        replay_of=3,
        detail="not FOUND either",
    ),
)


def fill(db: Database) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, ROWS)
