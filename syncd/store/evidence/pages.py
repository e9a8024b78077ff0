"""Answers as they were kept: packed, with their request, time and status. What was collected is read from them, at any later time."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select

from syncd.errors import Conflict
from syncd.store.columns import storable
from syncd.store.database import Tx
from syncd.store.tables_of_evidence import evidence_collections, evidence_pages

_AT_ONCE = 100  # that are in memory


@dataclass(frozen=True, slots=True)
class RawPage:
    dataset: str
    request: str  # "GET /services?limit=100&offset=0": path and query, never a host or key
    asked_at: datetime
    status: int
    request_id: str  # PagerDuty's x-request-id
    body: bytes  # as kept: JSON, cleaned of addresses and numbers
    sha256: str  # of body


class Altered(Conflict):
    """A page is not what was kept: nothing is judged by it, or signed."""

    def __init__(self, what: str, slug: str) -> None:
        super().__init__(f"{what}; collect it again: `syncd evidence collect {slug}`.")
        self.what = what


def page(dataset: str, request: str, *, asked_at: datetime, status: int, request_id: str, body: bytes) -> RawPage:
    return RawPage(dataset, request, asked_at, status, request_id, body, hashlib.sha256(body).hexdigest())


def add(tx: Tx, collection: int, number: int, it: RawPage) -> None:
    tx.execute(
        insert(evidence_pages).values(
            collection=collection,
            number=number,
            request=storable(it.request),
            asked_at=it.asked_at,
            status=it.status,
            request_id=storable(it.request_id[:255]),
            sha256=it.sha256,
            body=zlib.compress(it.body),
        )
    )


def of_collection(tx: Tx, collection: int) -> Iterator[RawPage]:
    """In the order they were asked for, a few in memory at a time. Raises where one is not what was kept, or is missing."""
    after = 0
    while some := following(tx, collection, after):
        yield from some
        after += len(some)
    mine = evidence_collections.c.id == collection
    counted, slug = tx.execute(
        select(evidence_collections.c.pages, evidence_collections.c.integration).where(mine)
    ).one()
    if after != counted:
        raise Altered(f"of collecting {collection} only {after} of the {counted} pages that were kept are there", slug)


def altered(tx: Tx, slug: str = "") -> Iterator[str]:
    """Of each collecting of which a page is not what was kept, which that is."""
    which = select(evidence_collections.c.id).order_by(evidence_collections.c.id)
    if slug:
        which = which.where(evidence_collections.c.integration == slug)
    for number in tx.scalars(which).all():
        try:
            for _ in of_collection(tx, number):
                pass
        except Altered as one:
            yield one.what


def following(tx: Tx, collection: int, after: int) -> list[RawPage]:
    """Those that come next, after so many."""
    columns = (evidence_collections.c.dataset, evidence_collections.c.integration, evidence_pages)
    joined = select(*columns).join(evidence_collections, evidence_collections.c.id == evidence_pages.c.collection)
    mine = joined.where(evidence_pages.c.collection == collection, evidence_pages.c.number > after)
    rows = tx.execute(mine.order_by(evidence_pages.c.number).limit(_AT_ONCE)).all()
    for at, row in enumerate(rows, after + 1):
        if row.number != at:
            raise Altered(f"page {at} of collecting {collection} is missing", row.integration)
    return [_read(row) for row in rows]


def _read(row: Row[Any]) -> RawPage:
    try:
        body = zlib.decompress(row.body)
    except zlib.error:
        body = b""
    if hashlib.sha256(body).hexdigest() != row.sha256:
        which = f"page {row.number} of collecting {row.collection} ({row.request.partition('?')[0]})"
        raise Altered(f"{which} has another SHA-256 than was kept with it", row.integration)
    return RawPage(row.dataset, row.request, row.asked_at, row.status, row.request_id, body, row.sha256)
