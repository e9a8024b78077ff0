"""A link whose connector, or one of whose accounts, is gone: it ends, with all that waits for it or is out.

The removal itself ends those that it finds. A turn that had read the accounts before can make another meanwhile, and that one is
met by whoever claims for it, settles for it or takes it over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncd.core.changes import Record
from syncd.core.link import Link, LinkState
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.store import links, removal
from syncd.store.errands import StoredErrand
from syncd.store.links import StoredLink
from syncd.systems.trip import Trip

from . import rows
from .turn import Turn

UNKNOWN = "An attempt was under way, and may have landed."


def over(link: Link) -> Link:
    """Only an open link has an incident: which one it was its reason tells, and its address stays."""
    return replace(link, state=LinkState.ENDED, incident_id="", wanted={}, conflicts={}, is_cut=True)


def said(one: StoredErrand, why: str = "") -> str:
    """Of what is out and has not come back it says so."""
    return " ".join(filter(None, (SENTENCES[Reason.REMOVED], why, UNKNOWN if one.token else "")))


@dataclass(frozen=True, slots=True)
class Back:
    """An errand that was out has come back, with what came of it, for people; empty: nothing was written."""

    errand_id: int
    told: str
    trip: Trip
    opened: str = ""  # the address of the incident that it has opened


def opened(record: Record) -> str:
    which = " ".join(filter(None, (record.ref or "an incident", record.url)))
    return f"An attempt was under way, and opened {which}, which stays."


def end(turn: Turn, link: StoredLink, back: Back | None = None) -> StoredLink:
    """Each errand of it gets its row."""
    turn.flush()
    for one in removal.withdraw(turn.tx, [link.id]):
        trip, told = None, said(one)
        if back is not None and back.errand_id == one.id:
            trip, told = back.trip, f"{SENTENCES[Reason.REMOVED]} {back.told}".strip()
        turn.say(rows.of_errand(one, link, turn.now, rows.Ended(Outcome.IGNORED, Reason.REMOVED, told), trip))
    ended = over(link.link)
    after = turn.save(link, replace(ended, incident_url=(back.opened if back else "") or ended.incident_url))
    was = f" Its incident was {link.link.incident_id}." if link.link.incident_id else ""
    came = f" {back.told}" if back is not None and back.told else ""
    links.explain(turn.tx, link.id, f"Its account or its connector was removed.{was}{came}")
    return after
