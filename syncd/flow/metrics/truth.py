"""How things stand now, read from the tables: the same that `syncd status` is made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from syncd import __version__
from syncd.connections.open import Connections
from syncd.core.changes import Side
from syncd.core.lifecycle import ErrandState, IntegrationState
from syncd.core.link import LinkState
from syncd.flow.status.condition import Condition, condition
from syncd.flow.status.parts import PARTS as ALL_PARTS
from syncd.store import deliveries, heartbeats, inflow, pending
from syncd.store.database import Database
from syncd.systems.channels.port import Channel

from . import catalogue
from .catalogue import Family, alone, named

_STATES = (ErrandState.WAITING, ErrandState.SENDING, ErrandState.HELD, ErrandState.DEAD)


def truth(db: Database, connections: Connections, told_by: Mapping[str, Channel] | None = None) -> Sequence[Family]:
    seen = condition(db, told_by=told_by)
    with db.read() as tx:
        counted, hooks = pending.by_side(tx), inflow.count_waiting(tx)
        tick = max((one.at.timestamp() for one in heartbeats.latest(tx) if one.part == heartbeats.BEAT), default=0.0)
    return [
        _pending(counted),
        alone(catalogue.PENDING_HOOKS, hooks),
        alone(catalogue.OLDEST, seen.oldest_age_s or 0.0),
        alone(catalogue.OLDEST_HELD, seen.oldest_held_s or 0.0),
        *_accounts(seen, connections),
        named(catalogue.LINKS, {(str(state),): seen.links.get(state, 0) for state in LinkState}),
        alone(catalogue.CONFLICTS, seen.in_conflict),
        alone(catalogue.FINDINGS, len(seen.findings)),
        named(catalogue.PARTS, {(part,): seen.part(part).instances for part in ALL_PARTS}),
        alone(catalogue.TICK, tick),
        named(catalogue.BUILD, {(__version__,): 1}),
    ]


def _pending(counted: dict[tuple[str, str], int]) -> Family:
    """Of every state, also of those there are none of: a series that comes and goes is not to be reckoned with."""
    found: dict[tuple[str, ...], float] = {
        (deliveries.direction(side.other), str(state)): counted.get((side, state), 0)
        for side in Side
        for state in _STATES
    }
    return named(catalogue.PENDING, found)


def _accounts(seen: Condition, connections: Connections) -> Sequence[Family]:
    """What may be sent is asked of whoever keeps the budget, with no transaction open."""
    left = {(one.slug,): connections.tolls.remaining(one.slug, one.system) for one in seen.accounts}
    troubles = Counter(slug for slug, _ in seen.subscriptions.troubles)
    watched = [one for one in seen.accounts if one.side is Side.INCIDENT]
    return [
        named(
            catalogue.INTEGRATION_UP,
            {(one.slug,): one.state is IntegrationState.CONNECTED for one in seen.accounts},
        ),
        named(catalogue.INTEGRATION_PAUSED, {(one.slug,): one in seen.restrained for one in seen.accounts}),
        named(catalogue.RATELIMIT, {key: count for key, count in left.items() if count is not None}),
        named(catalogue.TROUBLES, {(one.slug,): troubles[one.slug] for one in watched}),
    ]
