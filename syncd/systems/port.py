"""What a system must be able to do to sit on either side of a link.

Calls that go out take a Trip (deadline, record of requests) and raise a SideError when the far side cannot be
reached or will not have us. A refusal of one change is not an exception of the transport: it is Refused too, with
a word of core.reasons, so that flows see one kind of no. Writes are not repeated in here and nothing sleeps in here, but that
a write in a person's name (Trip.person) that is refused for the name's sake is made at once in our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from syncd.core.capabilities import Capabilities
from syncd.core.changes import Actor, Field, FieldSeen, Note, NoteSeen, Record, Seen, Side, Status

from .trip import Trip


@dataclass(frozen=True, slots=True)
class Hook:
    """A request to our door as it came. Header names are lower-case."""

    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Glance:
    """A hook as its envelope has it: no more than is needed to store it."""

    key: str | None = None  # the same event always has the same one; None: the sender gives it none
    event_type: str = ""
    ref: str = ""
    is_ping: bool = False  # a test that somebody asked for: whoever asked wants to know which secret proved it


@dataclass(frozen=True, slots=True)
class Hint:
    """What a hook tells. A thin one names only the record; a foreign one is of a type we do not act on."""

    event_type: str
    ref: str = ""
    seen: tuple[Seen, ...] = ()
    occurred_at: datetime | None = None
    is_thin: bool = False
    is_ping: bool = False
    incident_key: str = ""  # PagerDuty says under which key an incident was opened


@dataclass(frozen=True, slots=True)
class Applied:
    """A write that the far side confirmed, by its answer or by reading back."""

    record: Record | None = None
    note_id: str = ""
    note_text: str = ""  # as it stands there now, by their own words: an edit is told by it


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident to be opened. `key` is the idempotency token, and is never empty."""

    key: str
    title: str
    body: str
    service: str
    priority: str = ""
    urgency: str = ""  # high, low, or as the service has it
    escalation_policy: str = ""  # or that of the service
    case: str = ""
    url: str = ""  # of the case
    source: str = ""  # where the trouble is, as far as anybody has said
    links: tuple[tuple[str, str], ...] = ()  # more for people to open: a text and an address each


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record as a list shows it. Without one something has happened to it, and it has to be read."""

    ref: str
    record: Record | None = None
    opening: bytes = b""  # a case that came up lately asks for an incident by this hook, should nobody here know of it
    is_over: bool = False
    key: str = ""  # that it was opened under, where its system tells
    changes: tuple[
        str, ...
    ] = ()  # a name for each change that the list shows of it; none, where it does not tell them apart


@dataclass(frozen=True, slots=True)
class Page:
    seen: tuple[Sighting, ...] = ()
    cursor: str = ""  # where the list goes on; empty: that was all
    total: int | None = None  # of the whole list, as its first page knows it


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check found."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Author:
    """Whom an address of the case side belongs to here. Without an id nobody, or nobody who may write; `why_not` says so."""

    email: str
    user_id: str = ""
    login: str = ""
    name: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """What a system calls the statuses and the priorities that its records may have; priorities from most to least severe."""

    statuses: tuple[str, ...]
    priorities: tuple[str, ...]


class System(Protocol):
    side: Side
    capabilities: Capabilities

    def glance(self, hook: Hook) -> Glance:
        """What must be known of a hook before it is stored. A repeat of something unreadable is a repeat all the same."""

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        """Raise BadSignature unless the hook is proven with one of these secrets."""

    def parse(self, body: bytes) -> Hint:
        """Read a hook. Raises Unreadable."""

    def thin_hook(self, ref: str) -> bytes:
        """A hook of this system's kind that says no more than: look at this record."""

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        """What a note that was read, not announced, amounts to."""

    def fetch(self, trip: Trip, ref: str) -> Record: ...

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]: ...

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        """Who gave a field its value after this moment of the record's clock, where the record does not say and a log does."""

    def find_author(self, trip: Trip, by: Actor) -> Author:
        """Whose name this person's changes can be written in. Asked of systems that know people."""

    def set_status(self, trip: Trip, ref: str, status: Status, by: Actor, resolution_note: str) -> Applied: ...

    def set_priority(self, trip: Trip, ref: str, priority: str, by: Actor) -> Applied: ...

    def set_resolution_note(self, trip: Trip, ref: str, text: str, by: Actor) -> Applied: ...

    def add_note(self, trip: Trip, ref: str, text: str, author: str, marker: str) -> Applied:
        """`marker` is the errand's alone: a system that can keep it must refuse to add the same one twice."""

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        """Show the address of the record on the other side."""

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        """The incident that an earlier attempt opened under this key, in whatever state it is now."""

    def open(self, trip: Trip, opening: Opening) -> Record: ...

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        """Every record that is open now, of these services where there are such. Part of it may be left out at the cap."""

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        """Records that something has happened to since then, each at least once."""

    def check(self, trip: Trip) -> Sequence[Problem]:
        """The cheapest request that proves the credential. Raises Unauthorised when it is not accepted."""

    def names(self, trip: Trip) -> Names | None:
        """As its records say them: of a priority that has an id, the id. None: it does not tell."""

    def check_sender(self, trip: Trip) -> None:
        """Raise UnknownSender if the user our writes are made as is known not to be let."""

    def check_writing(self, trip: Trip) -> None:
        """Raise ReadOnly if the credential is known to read only. Nothing is changed by asking."""
