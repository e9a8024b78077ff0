"""What earlier collectings of incidents have left, as it was when this one began."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from syncd.evidence.facts.dataset import Name
from syncd.evidence.spans import Span, Spans
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections, incidents
from syncd.store.evidence.collections import Collection
from syncd.store.evidence.incidents import Found

from . import compact
from .known import Before, Known


def before(db: Database, taken: Collection) -> Before:
    """Asked again it is the same: whatever this collecting has found itself does not count."""
    slug, number = taken.integration, taken.id
    with db.read() as tx:
        covers = covers_before(tx, taken)
        if taken.dataset != Name.INCIDENTS:
            return Before(covers)
        unsettled = {one.incident: known_of(one) for one in incidents.unsettled(tx, slug, number)}
        oldest = min((one.incident.created_at for one in unsettled.values()), default=None)
        begun = [] if oldest is None else incidents.begun_since(tx, slug, number, oldest)

    def find(names: set[str]) -> dict[str, Known]:
        with db.read() as tx:
            return {name: known_of(one) for name, one in incidents.some(tx, slug, number, names).items()}

    return Before(covers, unsettled, begun, find)


def covers_before(tx: Tx, taken: Collection) -> Spans:
    at = taken.begun_at
    last = None if at is None else collections.latest(tx, taken.integration, taken.dataset, at)
    return () if last is None else spans_of(last.covers)


def known_of(kept: Found) -> Known:
    incident = compact.from_json(kept.found)
    is_gone = not kept.is_open and not incident.is_resolved
    return Known(incident, kept.stamp, kept.log_stamp, kept.log_until, is_gone=is_gone)


def found_of(one: Known, at: datetime) -> Found:
    return Found(
        incident=one.id,
        created_at=one.incident.created_at,
        is_open=one.is_open,
        is_settled=one.is_settled(at),
        stamp=one.stamp,
        log_stamp=one.log_stamp,
        log_until=one.log_until,
        found=compact.to_json(one.incident),
    )


def spans_of(pairs: Any) -> Spans:  # noqa: ANN401  JSON
    return tuple(Span(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in pairs)


def pairs_of(spans: Spans) -> list[list[str]]:
    return [[one.start.isoformat(), one.end.isoformat()] for one in spans]
