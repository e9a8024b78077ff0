"""What comparing a link needs: what both sides say now, what is known of them, and what became of every write."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from syncd import errors
from syncd.clock import Clock
from syncd.core.changes import Note, Record, Side
from syncd.core.link import Link
from syncd.core.policy import Rules
from syncd.flow import unmapped
from syncd.flow.book import Book
from syncd.flow.catchup.hindrance import unreadable
from syncd.store import errands, inflow, notes, outcomes, replay
from syncd.store.database import Tx
from syncd.store.links import StoredLink
from syncd.store.notes import Standing
from syncd.store.outcomes import Became
from syncd.store.unmapped import Left
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip


@dataclass(frozen=True, slots=True)
class Told:
    record: Record
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Believed:
    """All that the database has of one link, at one moment."""

    stored: StoredLink
    book: Book
    now: datetime
    known: Mapping[Side, Mapping[str, Standing]]  # notes by their ids
    became: Sequence[Became]
    in_doubt: Mapping[Side, Collection[int]]  # errands whose note stands there perhaps, and whose id nobody knows
    answered: Collection[int]  # errands that came to nothing and that a later change has overtaken
    has_news: Mapping[Side, bool]  # hooks of this record wait to be planned
    left: Left | None = None  # a priority that had no counterpart when it was set, and has one now

    @property
    def link(self) -> Link:
        return self.stored.link

    @property
    def rules(self) -> Rules:
        return self.book.rules(self.link)


@dataclass(frozen=True, slots=True)
class Reading:
    believed: Believed
    told: Mapping[Side, Told]


def believed(tx: Tx, book: Book, stored: StoredLink, now: datetime) -> Believed:
    link, became = stored.link, outcomes.of_link(tx, stored.id)
    return Believed(
        stored,
        book,
        now,
        {side: notes.of_link(tx, stored.id, side) for side in Side},
        became,
        {side: {one.id for one in errands.notes_in_flight(tx, stored.id, side)} for side in Side},
        {one.stored.id for one in became if one.is_undone and replay.is_answered(tx, one.stored)},
        {side: inflow.is_any_new(tx, link.system(side), link.ref(side)) for side in Side},
        unmapped.due(tx, stored.id, link, book.rules(link)),
    )


def read(known: Believed, clock: Clock) -> Reading:
    """When a side cannot be read, it raises with what is to be done about that."""
    return Reading(known, {side: _read(known, side, clock) for side in Side})


def _read(known: Believed, side: Side, clock: Clock) -> Told:
    slug, ref = known.link.system(side), known.link.ref(side)
    trip = Trip.begin(f"compare-{known.stored.id}", clock.monotonic, purpose=Purpose.RECONCILE)
    try:
        system = known.book.system(slug)
        return Told(system.fetch(trip, ref), system.notes(trip, ref))
    except errors.SideError as error:
        raise unreadable(side, ref, known.book.integrations[slug], error) from error
