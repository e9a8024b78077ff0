"""notification_deliveries: every column kept, found newest first, and no word in it that is not one of ours."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.store import deliveries
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from syncd.store.tables import deliveries as table
from tests.store.ledger import NOON, later

ROW = Delivery(
    recorded_at=NOON,
    direction="inbound",
    change="resolve",
    outcome=Outcome.APPLIED,
    reason=Reason.CHANGED,
    action="status",
    detail="The change was made on the other side.",
    attempt=2,
    arrival_id=1,
    errand_id=2,
    link_id=3,
    connector="payments",
    integration="pagerduty",
    source_system="pagerduty",
    destination_system="cases",
    case_id="C-1",
    incident_id="I-1",
    actor="Ana",
    occurred_at=later(-3),
    started_at=later(-1),
    duration_ms=12,
    e2e_ms=2000,
    method="PUT",
    url="https://x/1",
    http_status=200,
    request_id="e2.2.1",
    retry_after_s=1.5,
    next_attempt_at=later(9),
    replay_of=8,
    request={"body": {"a": [1, None, "ü"]}},
    response={"body": None},
)


def test_every_column_is_kept(db: Database) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, [ROW])
        (found,) = deliveries.find(tx, {})
        assert deliveries.get(tx, found["id"]) == found
        assert deliveries.get(tx, found["id"] + 1) is None
    assert {name: value for name, value in found.items() if name != "id"} == asdict(ROW)


def test_newest_first_and_by_column(db: Database) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, [replace(ROW, attempt=number, case_id=f"C-{number % 2}") for number in range(6)])
        assert [row["attempt"] for row in deliveries.find(tx, {}, limit=4)] == [5, 4, 3, 2]
        assert [row["attempt"] for row in deliveries.find(tx, {"case_id": "C-1", "direction": "inbound"})] == [5, 3, 1]


def test_nothing_to_record_is_no_statement(db: Database) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, [])
        assert deliveries.find(tx, {}) == []


def test_inbound_is_from_pagerduty_whoever_wrote_it() -> None:
    assert (deliveries.direction(Side.INCIDENT), deliveries.direction(Side.CASE)) == ("inbound", "outbound")


@pytest.mark.parametrize("outcome", Outcome)
def test_the_table_knows_every_outcome(db: Database, outcome: Outcome) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, [replace(ROW, outcome=outcome)])


@pytest.mark.parametrize("wrong", [{"outcome": "lost"}, {"direction": "sideways"}], ids=["outcome", "direction"])
def test_words_that_are_not_ours_are_refused(db: Database, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(insert(table).values(**{**asdict(ROW), **wrong}))
