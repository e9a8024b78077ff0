"""The services that a connector may reach beside its default one: each is one of its account's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from syncd.core.services import Service, meant
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.store.connectors import Connector
from syncd.systems.pagerduty import account
from syncd.systems.pagerduty.account import Service as There

from .services import chosen
from .setup import Setup, talking

MOST = 100  # The open incidents of all of them are asked for by one address.


def looked_up(setup: Setup, connector: Connector, wanted: Sequence[str]) -> tuple[Service, ...]:
    """As the account has them now; nobody is asked when none is wanted."""
    if not wanted:
        return ()
    http = setup.pagerduty(connector.integration)
    with talking():
        there = account.list_services(http, setup.trip("services"))
    return named(there, wanted)


def named(there: Sequence[There], wanted: Iterable[str]) -> tuple[Service, ...]:
    found = [chosen(there, one.strip()) for one in wanted]
    return tuple(Service(one.id, one.name) for one in found)


def refuse_service_key(connector: Connector) -> None:
    if connector.path != "bidirectional":
        raise Conflict(
            f"Connector {connector.name} sends by a service key, which reaches exactly one service; add another connector for "
            "another one."
        )


def with_others(connector: Connector, added: Iterable[Service]) -> Connector:
    """One that it reaches already is called as it is called now."""
    new = {one.id: one for one in added}
    default = new.pop(connector.service_id, Service(connector.service_id, connector.service_name))
    others = {**{one.id: one for one in connector.others}, **new}
    if len(others) > MOST:
        raise Conflict(
            f"A connector reaches at most {MOST} services beside its default one; add another connector for the rest."
        )
    return replace(connector, service_name=default.name, others=tuple(others.values()))


def without(connector: Connector, wanted: Iterable[str]) -> Connector:
    """Asked of the connector alone: one that is gone from the account can be removed as well."""
    for one in wanted:
        connector = _without(connector, one)
    return connector


def _without(connector: Connector, wanted: str) -> Connector:
    found = meant(connector.services, wanted)
    reached = ", ".join(f"{one.name} ({one.id})" for one in connector.services)
    if not found:
        raise NotFound(f"Connector {connector.name} does not reach a service {wanted}; it reaches {reached}.")
    if len(found) > 1:
        raise Misconfigured(
            f"Several services of connector {connector.name} are called {wanted}; use an id: {reached}."
        )
    if found[0].id == connector.service_id:
        raise Conflict(
            f"{found[0].called} is the default service of connector {connector.name}, which has to have one; to open incidents "
            "elsewhere by default, add another connector."
        )
    return replace(connector, others=tuple(one for one in connector.others if one.id != found[0].id))
