"""Connectors: each joins two accounts that are there, by one of the two paths."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from syncd.core.changes import Side
from syncd.core.services import Service
from syncd.store import connectors
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.tables_of_accounts import connectors as table
from tests.store.ledger import NOON, an_account

CONNECTOR = Connector(
    "payments",
    "pagerduty",
    "cases",
    "bidirectional",
    "SVC",
    "Payments",
    [{"case": "P1"}],
    {"x": "y"},
    (Service("SVC2", "Till"),),
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


def test_the_services_of_an_account_are_those_of_all_its_connectors(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        an_account(tx, "cases", Side.CASE)
        connectors.add(tx, CONNECTOR, NOON)
        connectors.reach(tx, replace(CONNECTOR, service_name="Paid", others=(Service("SVC3", "Shop"),)))
        there = connectors.all_of(tx)
    assert there["payments"].services == (Service("SVC", "Paid"), Service("SVC3", "Shop"))
    second = replace(CONNECTOR, name="second", service_id="SVC4", others=())
    assert connectors.services_of([*there.values(), second], "pagerduty") == {"SVC", "SVC3", "SVC4"}
    assert connectors.services_of(there.values(), "other") == set()


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
