"""What earlier collectings of incidents have left, as it was when this one began."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from syncd.evidence.facts.dataset import Name
from syncd.evidence.facts.sight import hidden_as_seen
from syncd.evidence.spans import Span, Spans, common, minus
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections, incidents
from syncd.store.evidence.collections import Collection
from syncd.store.evidence.incidents import Found

from .courses import compact
from .courses.known import Before, Known

AGAIN = timedelta(days=30)  # so far back incidents are read again that a key did not see


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
    """Once the key sees everything, without the times that were read by one that did not: those are read again."""
    last = _last(tx, taken)
    if last is None:
        return ()
    covers, unseen = spans_of(last.covers), _to_be_seen(tx, taken, last)
    return minus(covers, unseen)


def unseen_since(tx: Tx, taken: Collection) -> datetime | None:
    """When the first of those times began."""
    last = _last(tx, taken)
    unseen = () if last is None else _to_be_seen(tx, taken, last)
    return unseen[0].start if unseen else None


def _last(tx: Tx, taken: Collection) -> Collection | None:
    at = taken.begun_at
    return None if at is None else collections.latest(tx, taken.integration, taken.dataset, at)


def _to_be_seen(tx: Tx, taken: Collection, last: Collection) -> Spans:
    at = taken.begun_at
    if at is None or taken.dataset != Name.INCIDENTS or hidden_as_seen(last.sights) is not None:
        return ()
    return unseen_in(tx, taken.integration, Span(at - AGAIN, at), at)


def unseen_in(tx: Tx, slug: str, window: Span, at: datetime) -> Spans:
    """The times of this window whose incidents were asked for by a key that did not see the whole account, and never again since."""
    asked = [one for one in collections.ended_within(tx, slug, Name.INCIDENTS, window.start, at) if one.settings]
    seen = (_asked(one) for one in asked if hidden_as_seen(one.sights) is None)
    blind = (_asked(one) for one in asked if hidden_as_seen(one.sights) is not None)
    return common(minus(blind, seen), (window,))


def _asked(one: Collection) -> Span:
    return Span(*(datetime.fromisoformat(one.settings[name]) for name in ("begins", "until")))


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
