"""Connectors: what an account's cases are sent by, and to which service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from .columns import storable
from .database import Tx
from .tables_of_accounts import connectors


@dataclass(frozen=True, slots=True)
class Connector:
    name: str
    integration: str
    case_system: str
    path: str
    service_id: str
    service_name: str
    priorities: Any
    policy: Mapping[str, Any]


def add(tx: Tx, connector: Connector, now: datetime) -> None:
    tx.execute(
        insert(connectors).values(
            name=connector.name,
            integration=connector.integration,
            case_system=connector.case_system,
            path=connector.path,
            service_id=connector.service_id,
            service_name=connector.service_name,
            priorities=connector.priorities,
            policy=dict(connector.policy),
            created_at=now,
        )
    )


def all_of(tx: Tx) -> dict[str, Connector]:
    return {row.name: _connector(row) for row in tx.execute(select(connectors).order_by(connectors.c.name))}


def is_one_way(tx: Tx, connector: str) -> bool:
    """Whether nothing comes back of what is sent by it, no address either."""
    which = select(connectors.c.path).where(connectors.c.name == storable(connector))
    return tx.scalars(which).one_or_none() == "service_key"


def lock(tx: Tx, name: str) -> Connector | None:
    """Two who choose at once choose one after the other."""
    row = tx.execute(select(connectors).where(connectors.c.name == storable(name)).with_for_update()).one_or_none()
    return None if row is None else _connector(row)


def choose(tx: Tx, name: str, policy: Mapping[str, str]) -> None:
    tx.execute(update(connectors).where(connectors.c.name == name).values(policy=dict(policy)))


def remove(tx: Tx, name: str) -> None:
    tx.execute(delete(connectors).where(connectors.c.name == name))


def aim(tx: Tx, connector: Connector) -> None:
    """At another service, whose account has other priorities."""
    service = {"service_id": connector.service_id, "service_name": connector.service_name}
    which = update(connectors).where(connectors.c.name == connector.name)
    tx.execute(which.values(**service, priorities=connector.priorities))


def of_cases(tx: Tx, case_system: str) -> list[str]:
    """The names of those that a case of this system may be sent to."""
    which = select(connectors.c.name).where(connectors.c.case_system == case_system)
    return list(tx.scalars(which.order_by(connectors.c.name)))


def default_of(tx: Tx, case_system: str) -> str:
    """Where a case of this system goes that is sent to none: to the only one there is."""
    which = select(connectors.c.name).where(connectors.c.case_system == case_system)
    found = list(tx.scalars(which.limit(2)))
    return found[0] if len(found) == 1 else ""


def using(tx: Tx, slug: str) -> list[str]:
    """The connectors that use this account, on either side."""
    uses = or_(connectors.c.integration == slug, connectors.c.case_system == slug)
    return list(tx.scalars(select(connectors.c.name).where(uses).order_by(connectors.c.name)))


def _connector(row: Row[*tuple[Any, ...]]) -> Connector:
    return Connector(
        row.name,
        row.integration,
        row.case_system,
        row.path,
        row.service_id,
        row.service_name,
        row.priorities,
        row.policy,
    )
