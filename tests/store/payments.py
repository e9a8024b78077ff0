"""The one connector that tests of cases name: `payments`, to an account that nobody calls."""

from __future__ import annotations

from syncd.connections.joining.builtin import ensure_builtin
from syncd.core.changes import Side
from syncd.store import connectors, integrations
from syncd.store.connectors import Connector
from syncd.store.database import Database


def add_payments(db: Database) -> None:
    ensure_builtin(db, "http://syncd.test")
    with db.write() as tx:
        now = db.now(tx)
        integrations.add(
            tx,
            slug="acme",
            system="pagerduty",
            side=Side.INCIDENT,
            base_url="http://pagerduty.test",
            settings={},
            sealed=None,
            now=now,
        )
        connectors.add(tx, Connector("payments", "acme", "cases", "bidirectional", "PSERVICE", "Payments", [], {}), now)
