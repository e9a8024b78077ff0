"""A person changes which priority of a case is which in PagerDuty. The next decision follows it, and what was left for want of
a counterpart is looked at again; deliveries keep what they said.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

import structlog

from syncd.core.changes import Side
from syncd.core.policy import PriorityPair
from syncd.errors import Conflict, NotFound
from syncd.flow import unmapped
from syncd.flow.mapped import pairs_of
from syncd.flow.orders.choosing import row_of
from syncd.store import connectors, deliveries, integrations, links, reconciles
from syncd.store.connectors import Connector
from syncd.store.database import Database, Tx

WHY = "mapping"
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
        _look(tx, replace(connector, priorities=[asdict(pair) for pair in pairs]), by, db.now(tx))
    log.info("connector.priorities", connector=name, was=said(before), now=said(pairs), by=by)
    return True


def _look(tx: Tx, connector: Connector, by: str, now: datetime) -> None:
    """What was left for want of a counterpart that it has now is found by a look, and not when somebody changes it next."""
    there = integrations.get(tx, connector.integration)
    is_two_way = there is not None and there.is_two_way
    mine = [one for one in links.live(tx, connector.integration, Side.INCIDENT) if one.link.connector == connector.name]
    ruled = [(one, unmapped.rules(one.link, connector, is_two_way=is_two_way)) for one in mine]
    found = [(one, left) for one, rules in ruled if (left := unmapped.due(tx, one.id, one.link, rules)) is not None]
    for slug in sorted({one.link.system(left.side) for one, left in found}):
        reconciles.ask(tx, slug, now, why=WHY, by=by, now=now, is_deep=True)


def mark(pairs: Sequence[PriorityPair]) -> str:
    """By which a map is known to be the same."""
    told = json.dumps([[pair.case, pair.incident, pair.name] for pair in pairs])
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def said(pairs: Sequence[PriorityPair]) -> str:
    return ", ".join(f"{pair.case}={pair.name or pair.incident}" for pair in pairs) or "nothing"
