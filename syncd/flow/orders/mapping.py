"""A person changes which priority of a case is which in PagerDuty. The next decision follows it; deliveries keep what they said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace

import structlog

from syncd.core.policy import PriorityPair
from syncd.errors import Conflict, NotFound
from syncd.flow.mapped import pairs_of
from syncd.flow.orders.choosing import row_of
from syncd.store import connectors, deliveries
from syncd.store.database import Database

log = structlog.get_logger(__name__)


def change(db: Database, name: str, pairs: Sequence[PriorityPair], *, by: str, was: str = "") -> bool:
    """False: it is as it was. `was` is the mark of what the person saw: a map that somebody else has changed meanwhile is left alone."""
    with db.write() as tx:
        connector = connectors.lock(tx, name)
        if connector is None:
            raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
        before = pairs_of(connector)
        if was and was != mark(before):
            raise Conflict(
                f"Somebody has changed the priorities of {name} meanwhile; look at them, and change them again."
            )
        if tuple(pairs) == tuple(before):
            return False
        connectors.aim(tx, replace(connector, priorities=[asdict(pair) for pair in pairs]))
        told = f"{by} changed the priorities of connector {connector.name} from {said(before)} to {said(pairs)}."
        deliveries.record_many(tx, [row_of(connector, db.now(tx), by, told)])
    log.info("connector.priorities", connector=name, was=said(before), now=said(pairs), by=by)
    return True


def mark(pairs: Sequence[PriorityPair]) -> str:
    """By which a map is known to be the same."""
    told = json.dumps([[pair.case, pair.incident, pair.name] for pair in pairs])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def said(pairs: Sequence[PriorityPair]) -> str:
    return ", ".join(f"{pair.case}={pair.name or pair.incident}" for pair in pairs) or "nothing"
