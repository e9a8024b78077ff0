"""Hooks of an incident that a case here is opening, and that came before the answer which says so: they wait for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from syncd.core.changes import Side
from syncd.core.link import LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.core.retry import backoff
from syncd.store import links, overtaken
from syncd.store.arrivals import Arrival
from syncd.store.links import StoredLink
from syncd.systems.port import Hint

from . import rows
from .opening_key import is_ours
from .turn import Turn

_ASKED_AGAIN = timedelta(
    minutes=1
)  # at the latest: whoever writes the answer down hastens them, unless it comes to nothing


def waits(turn: Turn, arrival: Arrival, hint: Hint) -> bool:
    """Whether it is kept. For as long as the opening is under way: how that ends is asked anew each time it is due."""
    link = links.of_key(turn.tx, arrival.source, hint.incident_key) if is_ours(hint.incident_key) else None
    if not (_may_be(link, hint) if link else _follows_one(turn, arrival, hint)):
        return False
    again = min(backoff(arrival.attempt + 1, turn.now, 1.0), turn.now + _ASKED_AGAIN)
    overtaken.keep(turn.tx, arrival.id, again)
    if arrival.attempt == 0:  # Told once.
        said = rows.Said(arrival.event_type or "unknown", Outcome.HELD, Reason.OPENING)
        row = rows.of_arrival(arrival, Side.INCIDENT, turn.now, said, link)
        turn.say(replace(row, incident_id=arrival.record))  # Its link has none yet.
    return True


def _may_be(link: StoredLink, hint: Hint) -> bool:
    """One that is open was opened since this turn looked for it."""
    is_opened = link.link.state is LinkState.OPEN and link.link.incident_id == hint.ref
    return is_opened or link.link.state is LinkState.OPENING


def _follows_one(turn: Turn, arrival: Arrival, hint: Hint) -> bool:
    """A note names no key, and belongs to what was told of its incident before."""
    if hint.incident_key or not overtaken.is_kept(turn.tx, *arrival.of, before=arrival.id):
        return False
    turn.flush()  # That one may have been given up in this turn.
    return overtaken.is_kept(turn.tx, *arrival.of, before=arrival.id)
