"""Connectors: what an account's cases are sent by, and to which service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from syncd.core.services import Service

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
    others: tuple[Service, ...] = ()  # that it may reach besides

    @property
    def services(self) -> tuple[Service, ...]:
        """The default one first."""
        return (Service(self.service_id, self.service_name), *self.others)


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
            others=_as_json(connector.others),
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
    """At other services, whose account has other priorities."""
    reach(tx, connector)
    which = update(connectors).where(connectors.c.name == connector.name)
    tx.execute(which.values(service_id=connector.service_id, priorities=connector.priorities))


def reach(tx: Tx, connector: Connector) -> None:
    """Other services beside the default one, each as it is called by now."""
    which = update(connectors).where(connectors.c.name == connector.name)
    tx.execute(which.values(service_name=connector.service_name, others=_as_json(connector.others)))


def services_of(senders: Iterable[Connector], slug: str) -> set[str]:
    """The ids of all services of this account that one of these connectors reaches."""
    return {it.id for one in senders if one.integration == slug for it in one.services}


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
        tuple(Service(one["id"], one["name"]) for one in row.others),
    )


def _as_json(services: Iterable[Service]) -> list[dict[str, str]]:
    return [asdict(one) for one in services]
