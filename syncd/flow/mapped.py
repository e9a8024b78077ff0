"""What a connector makes of what happens: its tables as they are, and its last events as they would be carried now, or by another map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from syncd.connections.joining.connectors import CASE_PRIORITIES
from syncd.connections.open import Connections
from syncd.core.changes import CaseOpened, Field, FieldSeen, Seen, Side
from syncd.core.foreseen import SAMPLES, Foreseen, foresee, told
from syncd.core.link import Link
from syncd.core.policy import PriorityPair, Rules
from syncd.errors import NotFound, Unreadable
from syncd.store import heard, links
from syncd.store.audit.patience import patient_read
from syncd.store.connectors import Connector
from syncd.store.database import Database, Tx
from syncd.store.heard import Carried
from syncd.systems.port import System

from .book import Book

EVENTS = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What people do on one side, and what comes of it on the other."""

    on: Side
    what: str
    becomes: Sequence[Foreseen]


@dataclass(frozen=True, slots=True)
class Event:
    """One real fact, what was said of it when it came, and what would come of it now."""

    delivery: int
    at: datetime
    record: str
    on: Side
    what: str
    by: str
    outcome: str
    said: str
    now: Sequence[Foreseen]
    then: Sequence[Foreseen]  # by the edited map; none without one
    is_by_preset: bool  # its link has priorities of its preset, whatever the connector's are

    @property
    def is_changed(self) -> bool:
        """In what is written: a value may only be called otherwise."""
        return bool(self.then) and [one.made for one in self.then] != [one.made for one in self.now]


@dataclass(frozen=True, slots=True)
class Mapped:
    connector: Connector
    pairs: Sequence[PriorityPair]
    edited: Sequence[PriorityPair] | None
    samples: Sequence[Sample]
    events: Sequence[Event]
    unmapped: Sequence[str]  # priorities of cases
    unheard: Sequence[str]  # of PagerDuty, as far as an event named one

    @property
    def is_one_way(self) -> bool:
        return self.connector.path == "service_key"


def mapped(db: Database, connections: Connections, name: str, edited: Sequence[PriorityPair] | None = None) -> Mapped:
    """`edited` is tried on the events, and nothing is stored. Nobody is asked for anything."""
    with patient_read(db) as tx:
        book = Book.open(tx, connections)
        connector = book.connectors.get(name)
        if connector is None:
            raise NotFound(f"There is no connector called {name}; `syncd connectors list` shows those there are.")
        carried = _events(tx, book, connector, edited)
    pairs = pairs_of(connector)
    used = pairs if edited is None else edited
    link = Link("", connector.case_system, "CS-1042", connector.integration, connector=name)
    samples = [Sample(on, what, foresee(seen, on, book.rules(link), link)) for on, what, seen in SAMPLES]
    met = [_unmapped(one, edited is not None) for one in carried]
    cases = [*_known_of_cases(book, connector), *(value for side, value in filter(None, met) if side is Side.CASE)]
    heard_of = [value for side, value in filter(None, met) if side is Side.INCIDENT and value]  # No map names none.
    have = {pair.case for pair in used}
    return Mapped(
        connector,
        pairs,
        edited,
        [one for one in samples if connector.path != "service_key" or one.on is Side.CASE],
        [one.event for one in carried],
        tuple(dict.fromkeys(one for one in cases if one not in have)),
        tuple(dict.fromkeys(heard_of)),
    )


def events_of(db: Database, connections: Connections, delivery: int) -> Sequence[Event]:
    """What people did that this delivery tells of; nothing where its hook is not kept any more."""
    with patient_read(db) as tx:
        carried = heard.of_delivery(tx, delivery)
        stored = None if carried is None else links.get(tx, carried.link)
        if carried is None or stored is None:
            return ()
        book = Book.open(tx, connections)
        return [one.event for one in _facts(carried, stored.link, book, book)] if book.has_both(stored.link) else ()


def pairs_of(connector: Connector) -> Sequence[PriorityPair]:
    return tuple(PriorityPair(one["case"], one["incident"], one.get("name", "")) for one in connector.priorities)


def _known_of_cases(book: Book, connector: Connector) -> Sequence[str]:
    """The built-in cases are ours to know; what another system has is known by what it sends."""
    return () if book.integrations[connector.case_system].is_far else CASE_PRIORITIES


@dataclass(frozen=True, slots=True)
class _Tried:
    event: Event
    seen: Seen


def _unmapped(one: _Tried, is_edited: bool) -> tuple[Side, str] | None:  # noqa: FBT001  which of the two it is about
    found = one.event.then if is_edited else one.event.now
    if not any(each.is_unmapped for each in found):
        return None
    if isinstance(one.seen, CaseOpened):
        return Side.CASE, one.seen.priority
    return (one.event.on, one.seen.value) if isinstance(one.seen, FieldSeen) else None


def _events(tx: Tx, book: Book, connector: Connector, edited: Sequence[PriorityPair] | None) -> list[_Tried]:
    other = book if edited is None else _with(book, connector, edited)
    """Of the newest hooks, back until there are enough: what comes back of our own writes is none of them."""
    found: list[_Tried] = []
    for carried in heard.last_of(tx, connector.name):
        if carried.source not in book.integrations or not _by_people(book, carried):
            continue
        stored = links.get(tx, carried.link)
        if stored is None or not book.has_both(stored.link):
            continue
        found += _facts(carried, stored.link, book, other)
        if len(found) >= EVENTS:
            break
    return sorted(found[:EVENTS], key=lambda one: one.event.at, reverse=True)


def _with(book: Book, connector: Connector, pairs: Sequence[PriorityPair]) -> Book:
    rows = [{"case": pair.case, "incident": pair.incident, "name": pair.name} for pair in pairs]
    changed = {**book.connectors, connector.name: replace(connector, priorities=rows)}
    return Book(book.integrations, changed, book.connections)


def _facts(carried: Carried, link: Link, book: Book, other: Book) -> list[_Tried]:
    system = book.system(carried.source)
    rules, edited = book.rules(link), other.rules(link)
    return [
        _Tried(
            Event(
                delivery=carried.delivery,
                at=carried.received_at,
                record=link.ref(system.side),
                on=system.side,
                what=told(seen, system.side, rules),
                by=seen.by.name,
                outcome=carried.outcome,
                said=carried.detail,
                now=_foreseen(seen, system.side, rules, link),
                then=() if other is book else _foreseen(seen, system.side, edited, link),
                is_by_preset=bool(link.priorities),
            ),
            seen,
        )
        for seen in _by_people(book, carried)
    ]


def _by_people(book: Book, carried: Carried) -> list[Seen]:
    """And not what comes back of our own writes."""
    read = _read(book.system(carried.source), carried)
    return [seen for seen in read if not seen.by.is_us and _is_mapped(seen)]


def _foreseen(seen: Seen, on: Side, rules: Rules, link: Link) -> Sequence[Foreseen]:
    return foresee(seen, on, rules, link)


def _read(system: System, carried: Carried) -> Sequence[Seen]:
    """One that cannot be read was said to be so, and becomes nothing."""
    try:
        return system.parse(carried.body).seen
    except Unreadable:
        return ()


def _is_mapped(seen: Seen) -> bool:
    return not (isinstance(seen, FieldSeen) and seen.field is Field.MERGED_INTO and not seen.value)
