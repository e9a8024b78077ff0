"""Which PagerDuty account a built-in case belongs to: that of its link, and before it has one that of the connector it is sent to."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, String, cast, func, literal, select

from .columns import storable
from .database import Tx
from .tables import links
from .tables_of_accounts import connectors
from .tables_of_cases import cases

_CASES = "cases"  # the built-in system


def account_of(tx: Tx, number: int) -> str:
    """Empty where there is no such case, or where it is sent to nobody."""
    found = tx.execute(select(_account()).where(cases.c.number == number)).scalar_one_or_none()
    return "" if found is None else str(found)


def of_connector(tx: Tx, name: str) -> str:
    """Where a case goes that names it; empty where there is none."""
    which = select(connectors.c.integration).where(connectors.c.name == storable(name))
    return str(tx.execute(which).scalar_one_or_none() or "")


def within(slugs: Collection[str]) -> ColumnElement[bool]:
    """For a list of cases."""
    return _account().in_(sorted(slugs))


def _account() -> ColumnElement[str]:
    key = literal("CS-") + cast(cases.c.number, String)
    linked = select(links.c.integration).where(links.c.case_system == _CASES, links.c.case_id == key)
    sent = select(connectors.c.integration).where(connectors.c.name == cases.c.connector)
    return func.coalesce(linked.correlate(cases).scalar_subquery(), sent.correlate(cases).scalar_subquery())
