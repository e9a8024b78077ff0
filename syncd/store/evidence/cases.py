"""Cases that are linked to incidents of an account, as our own links know them now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from syncd.core.changes import Field, Side, Status
from syncd.store.database import Tx
from syncd.store.link_json import link_of
from syncd.store.tables import links

_OVER = (Status.RESOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True)
class LinkedCase:
    incident: str
    case: str
    is_closed: bool


def of_account(tx: Tx, slug: str) -> Iterator[LinkedCase]:
    """Of several links of one incident the last: an incident has one case at a time."""
    mine = (links.c.integration == slug, links.c.incident_id.is_not(None))
    found: dict[str, LinkedCase] = {}
    for row in tx.execute(select(links).where(*mine).order_by(links.c.id)):
        link = link_of(row)
        status = link.known.get((Side.CASE, Field.STATUS))
        is_closed = status is not None and status.value in _OVER
        found[link.incident_id] = LinkedCase(link.incident_id, link.case_id, is_closed)
    yield from found.values()
