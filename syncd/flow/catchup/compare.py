"""What both sides of one link say at this moment, and where they differ. It reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.changes import Field, Note, Record, Side, Status
from syncd.flow.book import Book
from syncd.flow.catchup.hindrance import remedy, unreadable
from syncd.flow.names import Names
from syncd.store import errands, links, notes
from syncd.store.database import Database
from syncd.store.links import StoredLink
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip

_NOTE = "note"
_SHOWN = 80  # characters of a note


@dataclass(frozen=True, slots=True)
class Difference:
    what: str
    case: str
    incident: str
    incident_name: str = ""  # of a priority, as PagerDuty calls it, where that is known: `incident` is its id

    @property
    def written(self) -> set[Side]:
        """Where it would be written: a note goes to the side that has it not, and whose field stands is still to be seen."""
        if self.what != _NOTE:
            return set(Side)
        return {Side.CASE} if not self.case else {Side.INCIDENT}


@dataclass(frozen=True, slots=True)
class Compared:
    link: int
    case_id: str
    incident_id: str
    is_on_its_way: bool  # changes of this link still wait or are held, so that a difference may go by itself
    differences: Sequence[Difference]
    in_conflict: Sequence[str] = ()  # fields that wait for a person, so that no difference in them goes by itself
    remedy: str = ""  # what has to happen first, where something differs


@dataclass(frozen=True, slots=True)
class _Told:
    record: Record
    notes: Sequence[Note]


def compare(db: Database, connections: Connections, clock: Clock, link_id: int) -> Compared:
    """When a side cannot be read, it raises with what is to be done about that."""
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
        *_priority(told, book, stored),
        *(one for side in Side for one in _unknown(side, told[side].notes, known[side])),
    ]
    in_conflict = sorted(stored.link.conflicts)
    return Compared(
        link_id,
        stored.link.case_id,
        stored.link.incident_id,
        waiting > 0,
        found,
        in_conflict,
        _remedy(book, stored, found),
    )


def _remedy(book: Book, stored: StoredLink, found: Sequence[Difference]) -> str:
    if not (found or stored.link.conflicts):
        return ""
    written = {side for one in found for side in one.written}
    return remedy(stored, {side: book.integrations[stored.link.system(side)] for side in Side}, written)


def _read(book: Book, stored: StoredLink, side: Side, clock: Clock) -> _Told:
    slug, ref = stored.link.system(side), stored.link.ref(side)
    trip = Trip.begin(f"compare-{stored.id}", clock.monotonic, purpose=Purpose.RECONCILE)
    try:
        system = book.system(slug)
        return _Told(system.fetch(trip, ref), system.notes(trip, ref))
    except errors.SideError as error:
        raise unreadable(side, ref, book.integrations[slug], error) from error


def _status(case: Record, incident: Record) -> list[Difference]:
    """A closed case follows nothing any more, and a merged incident only looks resolved."""
    is_free = case.status is Status.CLOSED or bool(incident.merged_into)
    if is_free or case.status == incident.status:
        return []
    return [Difference(Field.STATUS, case.status or "unknown", incident.status or "unknown")]


def _priority(told: Mapping[Side, _Told], book: Book, stored: StoredLink) -> list[Difference]:
    case, incident, rules = told[Side.CASE].record, told[Side.INCIDENT].record, book.rules(stored.link)
    wanted = rules.priorities.across(Side.CASE, case.priority)
    is_free = case.status is Status.CLOSED or wanted is None
    if is_free or rules.priorities.means_the_same(case.priority, incident.priority):
        return []
    name = Names.of(book.connectors.values()).priority(stored.link, incident.priority) or incident.priority_name
    return [Difference(Field.PRIORITY, case.priority, incident.priority or "none", name)]


def _unknown(side: Side, standing: Sequence[Note], known: Container[str]) -> list[Difference]:
    """A note that nobody has told us of stands on one side alone."""
    fresh = [note for note in standing if note.id not in known]
    shown = [f"{note.author}: {note.text[:_SHOWN]}" for note in fresh]
    return [Difference(_NOTE, one, "") if side is Side.CASE else Difference(_NOTE, "", one) for one in shown]
