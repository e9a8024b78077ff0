"""What both sides of one link say at this moment, and where they differ. It reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.changes import Field, Note, Record, Side, Status
from syncd.core.policy import Rules
from syncd.flow.book import Book
from syncd.store import errands, links, notes
from syncd.store.database import Database
from syncd.store.links import StoredLink
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

_SHOWN = 80  # characters of a note


@dataclass(frozen=True, slots=True)
class Difference:
    what: str
    case: str
    incident: str


@dataclass(frozen=True, slots=True)
class Compared:
    link: int
    case_id: str
    incident_id: str
    is_on_its_way: bool  # changes of this link still wait or are held, so that a difference may go by itself
    differences: Sequence[Difference]
    in_conflict: Sequence[str] = ()  # fields that wait for a person, so that no difference in them goes by itself


@dataclass(frozen=True, slots=True)
class _Told:
    record: Record
    notes: Sequence[Note]


def compare(db: Database, connections: Connections, clock: Clock, link_id: int) -> Compared:
    """Raises Unavailable when a side cannot be read."""
    with db.read() as tx:
        stored = links.get(tx, link_id)
        if stored is None:
            raise errors.NotFound(f"There is no link {link_id}; see `syncd links list`.")
        book = Book.open(tx, connections)
        known = {side: notes.of_link(tx, link_id, side).keys() for side in Side}
        waiting = errands.count_live(tx, link_id)
    if not stored.link.incident_id:
        raise errors.Conflict(f"Link {link_id} has no incident to compare its case with; it is {stored.link.state}.")
    told = {side: _read(book, stored, side, clock) for side in Side}
    found = [
        *_status(told[Side.CASE].record, told[Side.INCIDENT].record),
        *_priority(told[Side.CASE].record, told[Side.INCIDENT].record, book.rules(stored.link)),
        *(one for side in Side for one in _unknown(side, told[side].notes, known[side])),
    ]
    return Compared(
        link_id, stored.link.case_id, stored.link.incident_id, waiting > 0, found, sorted(stored.link.conflicts)
    )


def _read(book: Book, stored: StoredLink, side: Side, clock: Clock) -> _Told:
    slug, ref = stored.link.system(side), stored.link.ref(side)
    trip = Trip.begin(f"compare-{stored.id}", clock.monotonic, purpose=Purpose.RECONCILE)
    try:
        system = book.system(slug)
        return _Told(system.fetch(trip, ref), system.notes(trip, ref))
    except errors.SideError as error:
        raise errors.Unavailable(
            f"The {side} {ref} cannot be read now ({errors.cause_of(str(error))}); try again later."
        ) from error


def _status(case: Record, incident: Record) -> list[Difference]:
    """A closed case follows nothing any more, and a merged incident only looks resolved."""
    is_free = case.status is Status.CLOSED or bool(incident.merged_into)
    if is_free or case.status == incident.status:
        return []
    return [Difference(Field.STATUS, case.status or "unknown", incident.status or "unknown")]


def _priority(case: Record, incident: Record, rules: Rules) -> list[Difference]:
    wanted = rules.priorities.across(Side.CASE, case.priority)
    is_free = case.status is Status.CLOSED or wanted is None
    if is_free or rules.priorities.means_the_same(case.priority, incident.priority):
        return []
    return [Difference(Field.PRIORITY, case.priority, incident.priority or "none")]


def _unknown(side: Side, standing: Sequence[Note], known: Container[str]) -> list[Difference]:
    """A note that nobody has told us of stands on one side alone."""
    fresh = [note for note in standing if note.id not in known]
    shown = [f"{note.author}: {note.text[:_SHOWN]}" for note in fresh]
    return [Difference("note", one, "") if side is Side.CASE else Difference("note", "", one) for one in shown]
