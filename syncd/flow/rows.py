"""Filling in notification_deliveries rows: who, where from, where to, how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from syncd.core.changes import Field, Side
from syncd.core.decision import Decision
from syncd.core.errand import Replay
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.errors import SyncdError
from syncd.store.arrivals import Arrival
from syncd.store.deliveries import LOOK, Delivery, direction
from syncd.store.errands import Line, StoredErrand
from syncd.store.links import StoredLink
from syncd.systems.trip import Exchange, Trip
from syncd.tracing.context import id_of

from . import unmapped


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a hook, or of one fact in it."""

    change: str
    outcome: Outcome
    reason: Reason
    detail: str = ""
    by: str = ""
    at: datetime | None = None


def of_arrival(
    arrival: Arrival,
    side: Side,
    now: datetime,
    said: Said,
    link: StoredLink | None = None,
    looked: Sequence[Line] = (),
) -> Delivery:
    if link is not None:
        where = _of_link(link, side)
    elif side is Side.CASE:
        where = {"source_system": arrival.source, "case_id": arrival.record}
    else:
        where = {"source_system": arrival.source, "incident_id": arrival.record, "integration": arrival.source}
    return Delivery(
        recorded_at=now,
        direction=direction(side),
        change=said.change,
        outcome=said.outcome,
        reason=said.reason,
        detail=_replayed(said.detail or SENTENCES[said.reason], arrival.replay),
        arrival_id=arrival.id,
        actor=said.by,
        occurred_at=said.at,
        e2e_ms=_ms(now - arrival.received_at),
        request={"before": list(looked)} if looked else None,
        replay_of=_of(arrival.replay),
        trace=id_of(arrival.trace),
        **where,
    )


def of_decision(stored: StoredLink, came_from: Side, now: datetime, said: Said) -> Delivery:
    """What a person decided about a link, when nothing is to be sent for it."""
    return Delivery(
        recorded_at=now,
        direction=direction(came_from),
        change=said.change,
        outcome=said.outcome,
        reason=said.reason,
        detail=said.detail,
        actor=said.by,
        **_of_link(stored, came_from),
    )


@dataclass(frozen=True, slots=True)
class Ended:
    """What an attempt came to."""

    outcome: Outcome
    reason: Reason
    detail: str = ""
    next_at: datetime | None = None


def of_errand(
    stored: StoredErrand, link: StoredLink, now: datetime, ended: Ended, trip: Trip | None = None
) -> Delivery:
    """The row of an attempt, or of the decision not to make one (then without a trip)."""
    errand = stored.errand
    detail = " ".join(filter(None, (ended.detail or SENTENCES[ended.reason], trip.signed if trip is not None else "")))
    return Delivery(
        recorded_at=now,
        direction=direction(errand.side.other),
        change=errand.change,
        action=errand.kind,
        outcome=ended.outcome,
        reason=ended.reason,
        detail=_replayed(detail, stored.replay),
        attempt=errand.attempt,
        arrival_id=stored.arrival_id,
        errand_id=stored.id,
        actor=stored.by_name,
        occurred_at=stored.occurred_at,
        e2e_ms=_ms(now - stored.received_at) if stored.received_at else None,
        next_attempt_at=ended.next_at,
        replay_of=_of(stored.replay),
        trace=id_of(stored.trace),
        **_of_link(link, errand.side.other),
        **({} if trip is None else _of_trip(stored, now, trip)),
    )


def _of(replay: Replay | None) -> int | None:
    return None if replay is None else replay.of


def _replayed(detail: str, replay: Replay | None) -> str:
    return detail if replay is None else f"{detail} (A replay, asked for by {replay.by}.)"


def _of_link(stored: StoredLink, came_from: Side) -> dict[str, Any]:
    link = stored.link
    return {
        "link_id": stored.id,
        "connector": link.connector,
        "integration": link.integration,
        "source_system": link.system(came_from),
        "destination_system": link.system(came_from.other),
        "case_id": link.case_id,
        "incident_id": link.incident_id,
    }


def _of_trip(stored: StoredErrand, now: datetime, trip: Trip) -> dict[str, Any]:
    took = None if stored.begun_at is None else _ms(now - stored.begun_at)
    filled = {"started_at": stored.begun_at, "duration_ms": took}
    looked = list(stored.looked) if stored.errand.attempt == 1 else []
    if not trip.exchanges:
        return {**filled, "request": {"before": looked}} if looked else filled
    last = trip.exchanges[-1]
    return {
        **filled,
        **_of_exchange(last),
        "request": {"body": last.sent, "before": [*looked, *lines(trip.exchanges[:-1])]},
        "response": {"body": last.got, "request_id": last.their_request_id},
    }


def _of_exchange(last: Exchange) -> dict[str, Any]:
    return {
        "method": last.method,
        "url": last.url,
        "http_status": last.status,
        "request_id": last.request_id,
        "retry_after_s": last.retry_after_s,
    }


def lines(exchanges: Sequence[Exchange]) -> list[Line]:
    """Requests that led up to another."""
    return [
        {"method": one.method, "url": one.url, "status": one.status, "request_id": one.request_id} for one in exchanges
    ]


def _ms(span: timedelta) -> int:
    return max(0, round(span / timedelta(milliseconds=1)))


def broken(error: Exception) -> str:
    """The detail of a fault of ours; an error that is a sentence for people is shown as it is."""
    if isinstance(error, SyncdError):
        return str(error)
    return f"{type(error).__name__}: syncd failed on this; it is tried again, and the log has the traceback."


def bare(row: Delivery, error: Exception) -> Delivery:
    """What is left of a row that could not be written: whose it is and what came of it."""
    return Delivery(
        recorded_at=row.recorded_at,
        direction=row.direction,
        change=row.change[:64],
        action=row.action,
        outcome=row.outcome,
        reason=row.reason,
        detail=f"The rest of this row could not be stored ({type(error).__name__}); the log has the traceback.",
        attempt=row.attempt,
        arrival_id=row.arrival_id,
        errand_id=row.errand_id,
        link_id=row.link_id,
        trace=row.trace,
    )


def after_look(row: Delivery, arrival: Arrival, trip: Trip | None, next_at: datetime | None) -> Delivery:
    """The row of a look that failed, or was not made: which request, and when the next one is."""
    row = replace(row, action=LOOK, attempt=arrival.attempt + 1, next_attempt_at=next_at)
    if trip is None or not trip.exchanges:
        return row
    before = {"before": lines(trip.exchanges[:-1])}
    return replace(row, request=before, **_of_exchange(trip.exchanges[-1]))


def of_news(stored: StoredErrand, link: StoredLink, now: datetime, decision: Decision) -> Delivery:
    """What a record told besides, when we came to write to it, and that goes no further."""
    return Delivery(
        recorded_at=now,
        direction=direction(stored.errand.side),
        change=decision.change,
        action=LOOK,
        outcome=decision.outcome or Outcome.IGNORED,
        reason=decision.reason or Reason.UNCHANGED,
        detail=_left(stored, link, decision) or SENTENCES[decision.reason or Reason.UNCHANGED],
        errand_id=stored.id,
        **_of_link(link, stored.errand.side),
    )


def _left(stored: StoredErrand, link: StoredLink, decision: Decision) -> str:
    if decision.reason is not Reason.NOT_MAPPED:
        return ""
    side = stored.errand.side
    return unmapped.told(link.link, side, decision.link.value(side, Field.PRIORITY) or "")
