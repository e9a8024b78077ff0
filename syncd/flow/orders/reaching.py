"""A person says which services a connector may reach beside its default one. What is open, or is being opened, stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from syncd.connections.joining.others import looked_up, refuse_service_key, with_others, without
from syncd.connections.joining.setup import Setup
from syncd.errors import Conflict, NotFound
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
    asked = reached(setup.db, name)
    refuse_service_key(asked)
    added = looked_up(setup, asked, add)
    with setup.db.write() as tx:
        before = _existing(connectors.lock(tx, name), name)
        _refuse_moved(asked, before)
        after = without(with_others(before, added), remove)
        if is_other := after.services != before.services:
            connectors.reach(tx, after)
            told = f"{by} changed the services of connector {name} from {said(before)} to {said(after)}."
            deliveries.record_many(tx, [row_of(after, setup.db.now(tx), by, told)])
    if is_other:
        log.info("connector.services", connector=name, was=said(before), now=said(after), by=by)
    return after


def said(it: Connector) -> str:
    default, *others = (one.called for one in it.services)
    return ", ".join((f"{default} (default)", *others))


def _refuse_moved(asked: Connector, now: Connector) -> None:
    """The question took its time, and what it found is another account's meanwhile."""
    if (asked.integration, asked.service_id) != (now.integration, now.service_id):
        raise Conflict(f"{now.integration} was moved to another account meanwhile, so nothing was changed; try again.")


def _existing(found: Connector | None, name: str) -> Connector:
    if found is None:
        raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
    return found
