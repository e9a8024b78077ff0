"""In whose name a write goes out, where an account acts as the person whose change it carries over.

Who that is over there is looked up once and kept. It is known, and written down, before the write is made: what comes back of it
as done by that person is then known as ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from syncd.core.changes import Actor, FieldSeen, NoteSeen, Record, Side
from syncd.core.errand import FIELD_OF_WISH
from syncd.core.pen_name import PenName, person_behind, unmasked, without_ours
from syncd.core.prepare import Go
from syncd.core.retry import LANDS_WITHIN
from syncd.errors import Ambiguous, SideError, UnknownSender
from syncd.store import authors, pen_names
from syncd.store.arrivals import Arrival
from syncd.store.authors import KeptAuthor
from syncd.store.errands import StoredErrand
from syncd.store.links import StoredLink
from syncd.store.pen_names import Borrowed
from syncd.systems.http import is_success, is_write
from syncd.systems.port import Author
from syncd.systems.trip import Trip

from . import own_looks
from .turn import Turn

FOUND_FOR = timedelta(days=1)
NOT_FOUND_FOR = timedelta(hours=1)
NOT_ASKED_FOR = timedelta(minutes=1)  # whoever could not be asked about goes out under our own name meanwhile


@dataclass(frozen=True, slots=True)
class Signing:
    """`author` with an id: in that name. `unmet`: to be looked up first. `names`: whoever our writes to this record came back as."""

    author: Author | None = None
    unmet: Actor | None = None
    names: frozenset[str] = frozenset()


def signing(turn: Turn, stored: StoredErrand, link: StoredLink, go: Go) -> Signing:
    side = stored.errand.side
    account = turn.book.integrations[link.link.system(side)]
    if not account.has_acted or not turn.book.system(account.slug).capabilities.knows_people:
        return Signing()
    names = pen_names.users_of(turn.tx, link.id) if stored.errand.is_doubtful else frozenset[str]()
    person = person_behind(stored.errand, go.wish, stored.by)
    if person is None or not account.acts_as_person or account.is_unwritten:
        return Signing(names=names)
    kept = authors.get(turn.tx, account.slug, person.email, turn.now)
    if kept is None:
        return Signing(unmet=person, names=names)
    author = Author(person.email, kept.user_id, kept.login, kept.name, kept.why_not)
    if author.user_id:
        turn.backlog.borrowed.append(_borrowed(stored, go, author.user_id))
    # Also where a restored backup has forgotten that it was: it is looked for by its very words, and only where it may stand.
    return Signing(author, names=names | ({author.user_id} - {""}) if stored.errand.is_doubtful else names)


def _borrowed(stored: StoredErrand, go: Go, user_id: str) -> Borrowed:
    field, value = FIELD_OF_WISH.get(stored.errand.kind), go.wish.value if go.wish is not None else ""
    return Borrowed(stored.id, stored.errand.attempt + 1, stored.link_id, user_id, field, value)


def met(turn: Turn, slug: str, author: Author, *, could_be_asked: bool) -> None:
    """What was found, or that nobody was, is believed for a while."""
    span = FOUND_FOR if author.user_id else NOT_FOUND_FOR if could_be_asked else NOT_ASKED_FOR
    kept = KeptAuthor(
        author.email, author.user_id, author.login, author.name, author.why_not, turn.now, turn.now + span
    )
    authors.keep(turn.tx, slug, kept)


def came_back(turn: Turn, slug: str, author: Author | None, trip: Trip) -> None:
    """A user whom PagerDuty does not take as a sender is not tried again with each write. A 403 may be about one incident alone."""
    if author is not None and isinstance(trip.declined, UnknownSender):
        met(turn, slug, replace(author, user_id="", why_not=f"PagerDuty refused: {trip.declined}"), could_be_asked=True)


def unmade(turn: Turn, stored: StoredErrand, result: object, trip: Trip) -> None:
    """An attempt that has written nothing in that name leaves nothing to be known again: what such a person does there is theirs."""
    if trip.declined is not None or is_nothing_written(result, trip):
        pen_names.unmade(turn.tx, stored.id, stored.errand.attempt)


def is_nothing_written(result: object, trip: Trip) -> bool:
    """No write was sent, or each was refused. Whatever ended in doubt may have landed, or may still."""
    writes = [one for one in trip.exchanges if is_write(one.method)]
    is_refused = isinstance(result, SideError) and not isinstance(result, Ambiguous)
    return not writes or (is_refused and not any(is_success(one.status) for one in writes))


def landed(turn: Turn, stored: StoredErrand, slug: str, record: Record | None) -> None:
    """What is done over there later than this has been done by the people themselves."""
    if record is not None and record.at is not None and turn.book.integrations[slug].has_acted:
        pen_names.landed(turn.tx, stored.id, record.at)


def left_in_doubt(turn: Turn, stored: StoredErrand, link: StoredLink) -> None:
    """Its errand has ended, and whether an attempt in somebody's name landed nobody has seen: the record is read when that is over,
    or the same change, made by that person within two days, would be taken for ours.
    """
    side = stored.errand.side
    if not link.link.ref(side) or not turn.book.integrations[link.link.system(side)].has_acted:
        return
    begun_at = pen_names.open_since(turn.tx, stored.id)
    if begun_at is not None:
        own_looks.ask_later(turn, link, side, max(turn.now, begun_at + LANDS_WITHIN))


def read(turn: Turn, stored: StoredLink, side: Side, record: Record | None, since: datetime) -> None:
    """A record that was read after `since` shows all that attempts before it have come to, of whatever errand."""
    if record is not None and record.at is not None and turn.book.integrations[stored.link.system(side)].has_acted:
        pen_names.read(turn.tx, stored.id, begun_by=since - LANDS_WITHIN, at=record.at)


def told(author: Author | None, trip: Trip) -> str:
    """For the row of a write: in whose name it went out, and why not in the person's."""
    if author is None or not any(is_write(one.method) for one in trip.exchanges):
        return ""
    if trip.declined is not None:
        return f"It went out in our own name, since PagerDuty refused that of {author.name}: {trip.declined}"
    if author.user_id:
        return f"It went out in the name of {author.name} ({author.login})."
    return f"It went out in our own name, since {author.why_not.rstrip('.')}."


@dataclass
class Masks:
    """What is known of our writes in people's names to one record; asked for only when a person is heard to have done something."""

    turn: Turn
    stored: StoredLink
    side: Side
    arrival: Arrival

    def off(self, fact: NoteSeen | FieldSeen) -> NoteSeen | FieldSeen:
        """As it is without our mask: done by us, where it may have been."""
        if not isinstance(fact, FieldSeen) or fact.by.is_us or not fact.by.id or not self._has_acted:
            return fact
        return unmasked(fact, self._of_fields, self.arrival.received_at)

    def off_record(self, record: Record) -> Record:
        """As it is where it names only people who did so themselves."""
        return (
            without_ours(record, self._of_fields, self.arrival.received_at) if record.by and self._has_acted else record
        )

    def may_be_ours(self, by: Actor) -> bool:
        """Our account, or somebody in whose name we have written words here."""
        return by.is_us or (bool(by.id) and self._has_acted and by.id in self._users)

    @property
    def _has_acted(self) -> bool:
        return self.turn.book.integrations[self.stored.link.system(self.side)].has_acted

    @cached_property
    def _of_fields(self) -> Sequence[PenName]:
        return pen_names.of_link(self.turn.tx, self.stored.id, self.turn.now)

    @cached_property
    def _users(self) -> frozenset[str]:
        return pen_names.users_of(self.turn.tx, self.stored.id)
