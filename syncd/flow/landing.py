"""Hooks planned, and looks that have come back: what a look brought speaks for every hook that had come in before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from syncd import errors
from syncd.core.reasons import Outcome, Reason
from syncd.core.retry import backoff
from syncd.store import arrivals, holds
from syncd.store.arrivals import Arrival
from syncd.store.links import StoredLink

from . import authors, rows
from .hearing import Snapshot, must_look
from .look import Looked, put_off
from .plan import Look, plan
from .turn import Turn

_ANSWERED = 256  # at most, by one look


def planned(turn: Turn, arrival: Arrival, snapshot: Snapshot | None = None) -> Look | None:
    return turn.apart(partial(plan, turn, arrival, snapshot), partial(_set_back, turn, arrival))


def land(turn: Turn, looked: Sequence[tuple[Looked, Arrival]]) -> list[Look]:
    """The looks that have to be made again, since their link moved meanwhile."""
    landed = [_landed(turn, one, arrival) for one, arrival in looked]
    return [look for look in landed if look is not None]


def _landed(turn: Turn, looked: Looked, arrival: Arrival) -> Look | None:
    if not isinstance(looked.result, Snapshot):
        waiting = [one for one in _behind(turn, looked) if _has_to_look(turn, one)]
        turn.ahead.spoken_for.update(one.id for one in waiting)
        put_off(turn, looked, looked.result, waiting)
        return None
    snapshot = replace(looked.result, before=looked.look.before)
    stored = turn.find(arrival.source, looked.look.system.side, looked.look.ref)
    # If not, this one could be decided without it, and the others have to see for themselves.
    is_about_now = stored is not None and stored.link.version == snapshot.version
    again = planned(turn, arrival, snapshot)
    if stored is not None and is_about_now:
        for behind in _behind(turn, looked):
            turn.ahead.spoken_for.add(behind.id)
            planned(turn, behind, snapshot.for_those_behind())
        _let_write(turn, stored, looked)
    if stored is not None:
        authors.read(turn, stored, looked.look.system.side, snapshot.record, looked.look.since)
    return again


def _let_write(turn: Turn, stored: StoredLink, looked: Looked) -> None:
    """A write that waits for a look at this record need not wait for its own."""
    if holds.hasten_unbegun(turn.tx, stored.id, looked.look.system.side, looked.look.since, turn.now):
        turn.lanes.add(stored.shard)


def _behind(turn: Turn, looked: Looked) -> list[Arrival]:
    """A record that was read after they came in speaks for them, too; and so does one that could not be read."""
    return arrivals.behind(turn.tx, *looked.look.arrival.of, looked.look.since, _ANSWERED)


def _has_to_look(turn: Turn, arrival: Arrival) -> bool:
    if arrival.source not in turn.book.integrations:
        return False  # Its account was removed meanwhile: whoever plans it says so.
    try:
        return must_look(arrival, turn.book.system(arrival.source).parse(arrival.body))
    except errors.Unreadable:
        return False


def _set_back(turn: Turn, arrival: Arrival, error: Exception) -> None:
    next_at = backoff(arrival.attempt + 1, turn.now, 1.0)
    arrivals.put_off(turn.tx, arrival.id, next_at)
    said = rows.Said(arrival.event_type or "unknown", Outcome.RETRYING, Reason.BROKEN, rows.broken(error))
    row = rows.of_arrival(arrival, turn.book.side(arrival.source), turn.now, said)
    turn.say(replace(row, attempt=arrival.attempt + 1, next_attempt_at=next_at))
