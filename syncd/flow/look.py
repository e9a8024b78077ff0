"""Reading a record that a hook could not speak for. Over the network and without a transaction."""

from __future__ import annotations

import random
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from syncd import errors
from syncd.clock import Clock
from syncd.core import retry
from syncd.core.answered import differences
from syncd.core.changes import Actor, Field, Record
from syncd.core.lifecycle import ErrandState
from syncd.store import arrivals
from syncd.store.arrivals import Arrival
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip
from syncd.tracing.spans import span

from . import accounts, rows
from .confirm import confirmed
from .hearing import Snapshot
from .plan import Look
from .room import LOOK_COSTS
from .turn import Turn

RECONCILE = "syncd.reconcile"  # the event type of a look that nobody's hook asked for


@dataclass(frozen=True, slots=True)
class Looked:
    look: Look
    result: Snapshot | errors.SideError
    trip: Trip


@dataclass(frozen=True, slots=True)
class NotLooked:
    """The budget has to be waited for. Nothing was sent."""

    look: Look


def look(wanted: Look, clock: Clock) -> Looked | NotLooked:
    purpose = purpose_of(wanted.arrival)
    if wanted.toll.pay(purpose, LOOK_COSTS):
        return NotLooked(wanted)
    # Named apart from one that was made for nothing: its worker died, or the link changed meanwhile.
    label = f"a{wanted.arrival.id}.{wanted.arrival.attempt + 1}-{secrets.token_hex(3)}"
    trip = Trip.begin(label, clock.monotonic, purpose=purpose, paid=LOOK_COSTS)
    with span("change.look", wanted.arrival.trace, arrival=wanted.arrival.id, source=wanted.arrival.source):
        return _looked(wanted, trip)


def _looked(wanted: Look, trip: Trip) -> Looked:
    try:
        record = wanted.system.fetch(trip, wanted.ref)
        notes = tuple(wanted.system.notes(trip, wanted.ref))
        record = _with_people(wanted, trip, record)
    except errors.Unauthorised as error:
        return Looked(wanted, confirmed(wanted.system, trip, error), trip)
    except errors.SideError as error:
        return Looked(wanted, error, trip)
    return Looked(wanted, Snapshot(wanted.version, record, notes, trip), trip)


def _with_people(wanted: Look, trip: Trip, record: Record) -> Record:
    """What no hook has told is to name people as a hook would. Whom the record does not name a log may; else nobody is named."""
    side, link = wanted.system.side, wanted.link
    if wanted.arrival.event_type != RECONCILE:
        return record
    unnamed = [one.field for one in differences(link, side, record) if not one.by.name]
    found: dict[Field, Actor] = {}
    for name in unnamed:
        known = link.known.get((side, name))
        with suppress(errors.SideError):  # The news itself has been read, and goes on without a name.
            found[name] = wanted.system.who_set(trip, wanted.ref, name, known.at if known else None)
    return replace(record, by={**found, **record.by})


def purpose_of(arrival: Arrival) -> Purpose:
    """Statuses wait for looks: nobody knows which of two came last before the record was read."""
    return Purpose.RECONCILE if arrival.event_type == RECONCILE else Purpose.STATUS


def put_off(turn: Turn, looked: Looked, error: errors.SideError, behind: Sequence[Arrival]) -> None:
    """It could not be read. Whether that passes decides if the hook waits or ends, and with it those that stood behind."""
    verdict = retry.after_error(
        error,
        attempt=looked.look.arrival.attempt + 1,
        begun_at=turn.now - retry.LANDS_WITHIN,  # A read that got no answer leaves nothing behind.
        now=turn.now,
        jitter=random.random(),  # noqa: S311  jitter, not a secret
    )
    accounts.failed(turn, looked.look.arrival.source, error)
    trip: Trip | None = looked.trip
    for arrival in (looked.look.arrival, *behind):
        _put_off_one(turn, arrival, verdict)
        said = rows.Said(arrival.event_type or "unknown", verdict.outcome, verdict.reason, str(error))
        row = rows.of_arrival(arrival, looked.look.system.side, turn.now, said)
        turn.say(rows.after_look(row, arrival, trip, verdict.next_at))
        trip = None  # The requests were made for the first of them.


def _put_off_one(turn: Turn, arrival: Arrival, verdict: retry.Verdict) -> None:
    if verdict.state is ErrandState.DEAD:
        turn.backlog.planned.append(arrival.id)
    else:
        next_at = verdict.next_at or retry.backoff(len(retry.CAPS), turn.now, 1.0)
        arrivals.put_off(turn.tx, arrival.id, next_at, is_held=verdict.state is ErrandState.HELD)
