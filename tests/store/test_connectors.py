"""Connectors: each joins two accounts that are there, by one of the two paths."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Side
from syncd.store import connectors
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.tables_of_accounts import connectors as table
from tests.store.ledger import NOON, an_account

CONNECTOR = Connector(
    "payments", "pagerduty", "cases", "bidirectional", "SVC", "Payments", [{"case": "P1"}], {"x": "y"}
)


def test_a_connector_joins_two_accounts(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        an_account(tx, "cases", Side.CASE)
        connectors.add(tx, CONNECTOR, NOON)
        assert connectors.all_of(tx) == {"payments": CONNECTOR}
        for slug in ("pagerduty", "cases"):
            assert connectors.using(tx, slug) == ["payments"]
        assert connectors.using(tx, "other") == []


def test_a_connector_to_an_account_nobody_has_is_refused(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
    with pytest.raises(IntegrityError), db.write() as tx:
        connectors.add(tx, CONNECTOR, NOON)


def test_a_path_nobody_knows_is_refused(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        an_account(tx, "cases", Side.CASE)
    row = {
        "name": "x",
        "integration": "pagerduty",
        "case_system": "cases",
        "path": "sideways",
        "service_id": "",
        "priorities": [],
        "policy": {},
        "created_at": NOON,
    }
    with pytest.raises(IntegrityError), db.write() as tx:
        tx.execute(insert(table).values(**row))
