"""A person says which services a connector may reach beside its default one. What is open, or is being opened, stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from syncd.connections.joining.others import looked_up, refuse_service_key, with_others, without
from syncd.connections.joining.setup import Setup
from syncd.errors import NotFound
from syncd.flow.orders.choosing import row_of
from syncd.store import connectors, deliveries
from syncd.store.connectors import Connector
from syncd.store.database import Database

log = structlog.get_logger(__name__)


def reached(db: Database, name: str) -> Connector:
    with db.read() as tx:
        return _existing(connectors.all_of(tx).get(name), name)


def reach(setup: Setup, name: str, *, add: Sequence[str] = (), remove: Sequence[str] = (), by: str) -> Connector:
    """By ids or names. All of it, or nothing; what changed has a row."""
    before = reached(setup.db, name)
    refuse_service_key(before)
    added = looked_up(setup, before, add)
    with setup.db.write() as tx:
        before = _existing(connectors.lock(tx, name), name)
        after = without(with_others(before, added), remove)
        if after.services != before.services:
            connectors.reach(tx, after)
            told = f"{by} changed the services of connector {name} from {said(before)} to {said(after)}."
            deliveries.record_many(tx, [row_of(after, setup.db.now(tx), by, told)])
    log.info("connector.services", connector=name, was=said(before), now=said(after), by=by)
    return after


def said(it: Connector) -> str:
    default, *others = (one.called for one in it.services)
    return ", ".join((f"{default} (default)", *others))


def _existing(found: Connector | None, name: str) -> Connector:
    if found is None:
        raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
    return found
