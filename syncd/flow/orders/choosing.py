"""A person chooses another policy for a connector. The next decision follows it; what was decided before stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog

from syncd.connections.policies import SENT, TEMPLATES, checked_policy, in_force
from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.errors import Conflict, NotFound
from syncd.store import connectors, deliveries
from syncd.store.connectors import Connector
from syncd.store.database import Database
from syncd.store.deliveries import Delivery

log = structlog.get_logger(__name__)


def choose(db: Database, name: str, wanted: Mapping[str, str], *, by: str) -> Mapping[str, str]:
    """What is in force from now on; each word that changed has a row. An empty template is the usual one again."""
    checked_policy({word: value for word, value in wanted.items() if value or word not in TEMPLATES})
    with db.write() as tx:
        connector = connectors.lock(tx, name)
        if connector is None:
            raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
        if connector.path != "bidirectional":
            _refuse_what_comes_back(name, wanted)
        policy = {word: value for word, value in {**connector.policy, **wanted}.items() if value}
        before, after = in_force(connector.policy), in_force(policy)
        changed = [word for word in after if after[word] != before[word]]
        connectors.choose(tx, name, policy)
        told = [_row(connector, db.now(tx), by, word, before[word], after[word]) for word in changed]
        deliveries.record_many(tx, told)
    for word in changed:
        log.info("connector.policy", connector=name, policy=word, was=before[word], now=after[word], by=by)
    return after


def _refuse_what_comes_back(name: str, wanted: Mapping[str, str]) -> None:
    """Nothing comes back by a service key, so that only what is sent can be chosen."""
    for word in wanted:
        if word not in SENT:
            raise Conflict(
                f"Connector {name} sends by a service key and hears nothing, so {word} means nothing to it; it has "
                f"{', '.join(SENT)}."
            )


def _row(connector: Connector, now: datetime, by: str, word: str, was: str, becomes: str) -> Delivery:
    told = f"{by} changed {word} of connector {connector.name} from {was or 'the usual'} to {becomes or 'the usual'}."
    return row_of(connector, now, by, told)


def row_of(connector: Connector, now: datetime, by: str, told: str) -> Delivery:
    """Of a person who has chosen how a connector does."""
    return Delivery(
        recorded_at=now,
        direction=deliveries.direction(Side.CASE),
        change="policy",
        action="choose",
        outcome=Outcome.APPLIED,
        reason=Reason.CHOSEN,
        detail=told,
        connector=connector.name,
        integration=connector.integration,
        actor=by,
    )
