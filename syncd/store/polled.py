"""Changes that polls have seen in lists, and the hook by which each change's record was last to be read.

Kept for as long as a list may still show them; whatever is missing here is read once more, and nothing else comes of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from syncd.core.lifecycle import ArrivalState

from .columns import many, says
from .database import Tx
from .tables import arrivals
from .tables_of_looks import polled


@dataclass(frozen=True, slots=True)
class Polled:
    """A change of the record that a link has at an account."""

    link_id: int
    digest: str
    seen_at: datetime  # first
    arrival_id: int
    is_again: bool  # this hook was asked for so much later that nothing can have lagged behind any more
    is_read: bool = False  # the record was read for this hook, and what it said is known


def digest_of(change: str) -> str:
    """What others call a change may be of any length, and of any characters."""
    return hashlib.sha256(change.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def of_links(tx: Tx, slug: str, link_ids: Collection[int]) -> dict[tuple[int, str], Polled]:
    """By link and digest."""
    if not link_ids:
        return {}
    found = [Polled(*row) for row in tx.execute(_OF_LINKS, {"slug": slug, "links": link_ids})]
    return {(one.link_id, one.digest): one for one in found}


_IS_PLANNED = says(arrivals.c.state, ArrivalState.PLANNED)
_OF_LINKS = (
    select(
        polled.c.link_id,
        polled.c.digest,
        polled.c.seen_at,
        polled.c.arrival_id,
        polled.c.is_again,
        and_(arrivals.c.id.is_not(None), arrivals.c.is_read, _IS_PLANNED).label("is_read"),
    )
    .join_from(polled, arrivals, arrivals.c.id == polled.c.arrival_id, isouter=True)
    .where(polled.c.integration == bindparam("slug"), polled.c.link_id.in_(many("links")))
)


def put(tx: Tx, slug: str, rows: Iterable[Polled]) -> None:
    """Sorted, so that two workers that poll one account never wait for each other in a circle."""
    wanted = sorted(rows, key=lambda one: (one.link_id, one.digest))
    if not wanted:
        return
    insert = (postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert)(polled)
    new = {name: insert.excluded[name] for name in ("seen_at", "arrival_id", "is_again")}
    statement = insert.on_conflict_do_update(index_elements=["integration", "link_id", "digest"], set_=new)
    tx.execute(statement, [_values(slug, one) for one in wanted])


def _values(slug: str, one: Polled) -> dict[str, object]:
    return {
        "integration": slug,
        "link_id": one.link_id,
        "digest": one.digest,
        "seen_at": one.seen_at,
        "arrival_id": one.arrival_id,
        "is_again": one.is_again,
    }


def forget(tx: Tx, slug: str, seen_before: datetime) -> None:
    tx.execute(delete(polled).where(polled.c.integration == slug, polled.c.seen_at < seen_before))


def distrust(tx: Tx, slug: str) -> None:
    """All of an account."""
    tx.execute(delete(polled).where(polled.c.integration == slug))
