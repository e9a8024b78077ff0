"""Incidents that stand open for a case that nobody here knows any more: after a restored backup, mostly built-in ones.

Read from PagerDuty at this moment, by the key that syncd opens incidents under; nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.changes import Side
from syncd.flow.book import Book
from syncd.flow.opening_key import is_ours
from syncd.store import connectors, links
from syncd.store.database import Database
from syncd.systems.port import Sighting
from syncd.systems.toll import Purpose
from syncd.systems.trip import Trip


@dataclass(frozen=True, slots=True)
class Lost:
    integration: str
    incident_id: str
    status: str
    title: str
    url: str


def lost(db: Database, connections: Connections, clock: Clock) -> Sequence[Lost]:
    """Of every account of which a restored backup has forgotten something. Raises Unavailable when one cannot be read."""
    with db.read() as tx:
        book = Book.open(tx, connections)
    accounts = book.integrations.values()
    if unread := sorted(one.slug for one in accounts if one.is_unread):
        raise errors.Conflict(
            f"What has changed in {', '.join(unread)} since the backup was made is still being read, and incidents find their "
            "cases by it; ask again when `syncd status` does not say so any more."
        )
    of_gap = [one.slug for one in accounts if one.side is Side.INCIDENT and one.gap is not None]
    return [one for slug in of_gap for one in _of_account(db, book, slug, clock)]


def _of_account(db: Database, book: Book, slug: str, clock: Clock) -> list[Lost]:
    ours = [one for one in _standing(book, slug, clock) if is_ours(one.key)]
    with db.read() as tx:
        known = links.keys_among(tx, [one.key for one in ours])
    return [_told(slug, one) for one in ours if one.key not in known]


def _standing(book: Book, slug: str, clock: Clock) -> Iterator[Sighting]:
    services = sorted(connectors.services_of(book.connectors.values(), slug))
    system, cursor = book.system(slug), ""
    while True:
        trip = Trip.begin(f"lost-{slug}", clock.monotonic, purpose=Purpose.RECONCILE)
        try:
            page = system.standing(trip, services, cursor)
        except errors.SideError as error:
            why = errors.cause_of(str(error))
            raise errors.Unavailable(f"The incidents of {slug} cannot be read now ({why}); try again later.") from error
        yield from page.seen
        if not page.cursor:
            return
        cursor = page.cursor


def _told(slug: str, seen: Sighting) -> Lost:
    if seen.record is None:
        return Lost(slug, seen.ref, "", "", "")
    return Lost(slug, seen.ref, str(seen.record.status or ""), seen.record.title, seen.record.url)
