"""A person removes a connector: its live links keep it, unless they are to end with it. A service key takes its account along."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from syncd.core.connection import Kind
from syncd.errors import Conflict, NotFound
from syncd.flow.access.tokens import without
from syncd.flow.finding import counted
from syncd.store import api_tokens, connection_log, connectors, integrations, removal, routes
from syncd.store.connectors import Connector
from syncd.store.database import Database, Tx
from syncd.store.removal import Going

from .ending import Reach, end_links, live_reach

log = structlog.get_logger(__name__)
STAYS = "What stays: its cases and incidents as they are, and the rows of its deliveries."


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes with a connector."""

    connector: Connector
    reach: Reach
    is_routed: bool  # rules decide where cases go that name no connector
    next_default: str  # else they go there afterwards

    @property
    def is_in_use(self) -> bool:
        return self.reach.links > 0

    @property
    def says(self) -> str:
        named = f" ({self.reach.named})" if self.is_in_use else ""
        live = counted(self.reach.links, "live link", "live links")
        waiting = counted(self.reach.waiting, "change that waits", "changes that wait")
        key = "; its service key" if _has_own_account(self.connector) else ""
        return f"With {self.connector.name} go: {live}{named}; {waiting}{key}. {STAYS} {self.afterwards}"

    @property
    def afterwards(self) -> str:
        if self.is_routed:
            return "Rules decide where cases go that name no connector."
        cases = f"Cases of {self.connector.case_system} that name no connector"
        return f"{cases} go to {self.next_default} then." if self.next_default else f"{cases} open no incident then."


def account_of(db: Database, name: str) -> str:
    with db.read() as tx:
        return _existing(connectors.all_of(tx).get(name), name).integration


def plan(db: Database, name: str) -> Plan:
    with db.read() as tx:
        return _planned(tx, name)


def remove(db: Database, name: str, *, by: str, ends_links: bool = False) -> str:
    """What was done, and what stays. Refused while a rule names it, or, unless they are to end, while live links use it."""
    why = f"Its connector {name} was removed by {by}."
    with db.write() as tx:
        planned = _planned(tx, name)
        if planned.is_in_use and not ends_links:
            raise Conflict(_in_use(planned))
        now = db.now(tx)
        count = end_links(tx, Going(connector=name), why, now)
        integrations.lock(tx, planned.connector.integration)
        it = _existing(connectors.lock(tx, name), name)
        waited = planned.reach.waiting
        ended = f"{counted(count, 'link', 'links')} ended{_with(waited)}."
        if _has_own_account(it):
            removal.forget(tx, it.integration)
            ended += without(it.integration, api_tokens.take_account(tx, it.integration, by=by, now=now))
            connection_log.add(tx, it.integration, Kind.REMOVED, now=now, by=by, detail=ended)
        else:
            connectors.remove(tx, name)
            detail = f"Connector {name} was removed. {ended}"
            connection_log.add(tx, it.integration, Kind.UPDATED, now=now, by=by, detail=detail)
    log.info("connector.removed", connector=name, by=by, links=count)
    return f"{name} was removed. {ended} {STAYS} {planned.afterwards}"


def _planned(tx: Tx, name: str) -> Plan:
    it = _existing(connectors.all_of(tx).get(name), name)
    routes.refuse_while_routed(tx, [name])
    is_routed = routes.has_rules(tx, it.case_system)
    return Plan(it, live_reach(tx, Going(connector=name)), is_routed, _next_default(tx, it))


def _next_default(tx: Tx, it: Connector) -> str:
    others = [one for one in connectors.of_cases(tx, it.case_system) if one != it.name]
    return others[0] if len(others) == 1 else ""


def _in_use(planned: Plan) -> str:
    count = counted(planned.reach.links, "live link", "live links")
    return (
        f"Connector {planned.connector.name} is used by {count} ({planned.reach.named}); end them with it by --end-links, or remove "
        "it when they are over."
    )


def _with(waited: int) -> str:
    return f", and {counted(waited, 'change that waited', 'changes that waited')} with them" if waited else ""


def _has_own_account(it: Connector) -> bool:
    """That was made with it, and is nobody else's."""
    return it.path == "service_key"


def _existing(found: Connector | None, name: str) -> Connector:
    if found is None:
        raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
    return found
