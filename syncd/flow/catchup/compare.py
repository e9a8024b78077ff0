"""What both sides of one link say at this moment, where they differ, why, and what can be done. It reads, and changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.changes import Side
from syncd.flow.book import Book
from syncd.flow.catchup import fields, remedy, words
from syncd.flow.catchup.difference import Cause, Difference
from syncd.flow.catchup.reading import Believed, Reading, believed, read
from syncd.flow.catchup.unopened import unopened
from syncd.store import links, outcomes
from syncd.store.database import Database
from syncd.store.links import StoredLink


@dataclass(frozen=True, slots=True)
class Compared:
    link: int
    case_id: str
    incident_id: str
    is_on_its_way: bool  # changes of this link still wait or are held, so that a difference may go by itself
    differences: Sequence[Difference]
    in_conflict: Sequence[str] = ()  # fields that wait for a person, so that no difference in them goes by itself
    remedy: str = ""  # what has to happen first, where something differs
    apart: Sequence[str] = ()  # what differs, whether anybody misses it or not: fields, or `note`
    kept_back: Sequence[str] = ()  # what differs because a policy or a mapping says so: nobody misses it


def compare(db: Database, connections: Connections, clock: Clock, link_id: int) -> Compared:
    """When a side cannot be read, it raises with what is to be done about that."""
    return _compared(read(_believed(db, connections, link_id), clock))


def _believed(db: Database, connections: Connections, link_id: int) -> Believed:
    with db.read() as tx:
        stored = links.get(tx, link_id)
        if stored is None:
            raise errors.NotFound(f"There is no link {link_id}; see `syncd links list`.")
        book = Book.open(tx, connections)
        if not book.has_both(stored.link):
            raise errors.Conflict(
                f"Link {link_id} cannot be compared: an account of it or its connector was removed, or moved."
            )
        if not stored.link.incident_id:
            accounts = {side: book.integrations[stored.link.system(side)] for side in Side}
            raise unopened(stored, outcomes.of_link(tx, link_id), accounts)
        _refuse_unread(book, stored)
        return believed(tx, book, stored, db.now(tx))


def _refuse_unread(book: Book, stored: StoredLink) -> None:
    for side in Side:
        account = book.integrations[stored.link.system(side)]
        if not account.can_be_read:
            raise errors.Conflict(
                f"Link {stored.id} cannot be compared, since {account.slug} only takes what is sent and its {side} cannot be "
                f"read; what was sent is shown by `syncd deliveries list --link {stored.id}`."
            )


def _compared(reading: Reading) -> Compared:
    known, stored = reading.believed, reading.believed.stored
    accounts = {side: known.book.integrations[known.link.system(side)] for side in Side}
    found = [*fields.differing(reading), *words.differing(reading)]
    missed = [one for one in found if one.cause is not Cause.KEPT_BACK]
    told = [remedy.explained(one, stored, accounts) for one in missed]
    return Compared(
        stored.id,
        known.link.case_id,
        known.link.incident_id,
        any(one.is_live for one in known.became) or any(known.has_news.values()),
        told,
        sorted(known.link.conflicts),
        remedy.all_of(missed, told, stored),
        sorted({one.difference.what for one in found}),
        [one.difference.told for one in found if one.cause is Cause.KEPT_BACK],
    )
