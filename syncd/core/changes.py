"""The vocabulary both sides speak: what can be seen of a record, and what a record says now.

A change is a fact about a record. It is seen on one side and asked of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    CASE = "case"
    INCIDENT = "incident"

    @property
    def other(self) -> Side:
        return Side.INCIDENT if self is Side.CASE else Side.CASE


class Field(StrEnum):
    """What a record has one of; the latest value counts."""

    STATUS = "status"
    PRIORITY = "priority"
    RESOLUTION_NOTE = "resolution_note"
    MERGED_INTO = (
        "merged_into"  # only an incident has it; PagerDuty then shows it as resolved, though nobody resolved it
    )


class Status(StrEnum):
    OPEN = "open"  # PagerDuty says triggered
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CLOSED = "closed"  # only a case has it


class Verb(StrEnum):
    """What somebody did, as people say it; the `change` column of notification_deliveries."""

    OPEN = "open"
    LINK = "link"
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CLOSE = "close"
    MERGE = "merge"
    PRIORITISE = "priority"
    NOTE = "comment"
    RESOLUTION_NOTE = "resolution_note"


@dataclass(frozen=True, slots=True)
class Actor:
    """Two of one name are the same, as far as anybody is told."""

    name: str = ""
    is_us: bool = False  # the account our own writes are made with
    id: str = dataclass_field(default="", compare=False)  # by which its own system knows a person, where it tells
    email: str = dataclass_field(default="", compare=False)  # likewise; by it the other system may know them too


NOBODY = Actor()


@dataclass(frozen=True, slots=True)
class FieldSeen:
    """A field of a record was seen to have this value at this moment of the record's own clock."""

    field: Field
    value: str
    by: Actor = NOBODY
    at: datetime | None = None
    is_reopening: bool = False  # the event itself says that a resolved record came back
    is_certain: bool = False  # read from the record after everything we know of it: no order to argue about
    note_id: str = ""  # a resolution note typed as a note has an id of its own
    text: str = ""  # ... and this whole text
    heard_at: datetime | None = None  # when it reached us, by our own clock; None: at this moment
    name: str = dataclass_field(default="", compare=False)  # of a priority: as its system calls it for people
    is_replayed: bool = False  # its hook was decided before, and a person wants that done anew


class Fate(StrEnum):
    """What became of a note."""

    WRITTEN = "written"
    EDITED = "edited"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class NoteSeen:
    note_id: str
    text: str
    by: Actor = NOBODY
    at: datetime | None = None
    is_trimmed: bool = False  # the hook carries only its beginning
    fate: Fate = Fate.WRITTEN


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A case asks for an incident."""

    title: str
    body: str = ""
    priority: str = ""
    connector: str = ""
    url: str = ""
    by: Actor = NOBODY
    at: datetime | None = None
    source: str = ""  # what has raised it: a word of its system's, as are the team and the labels
    team: str = ""
    labels: tuple[str, ...] = ()
    service: str = ""  # of its connector's, by id or name; the default one when it is empty


Seen = FieldSeen | NoteSeen | CaseOpened


@dataclass(frozen=True, slots=True)
class Record:
    """What a system says about one record now."""

    ref: str
    status: Status | None  # None: a status that maps to nothing
    priority: str = ""
    resolution_note: str | None = None  # None: the system has no such field to read
    title: str = ""
    url: str = ""
    at: datetime | None = None  # the values held at this moment of the record's own clock
    merged_into: str = ""
    priority_name: str = ""  # as the system calls it for people, where `priority` is an id
    by: Mapping[Field, Actor] = dataclass_field(default_factory=dict, compare=False)  # people who made it so, if told

    def value(self, field: Field) -> str | None:
        match field:
            case Field.STATUS:
                return self.status
            case Field.PRIORITY:
                return self.priority
            case Field.RESOLUTION_NOTE:
                return self.resolution_note
            case Field.MERGED_INTO:
                return self.merged_into or None


@dataclass(frozen=True, slots=True)
class Note:
    """A note or comment as it stands on a record."""

    id: str
    text: str
    author: str
    is_ours: bool  # written by the account our writes are made with
    at: datetime | None
    author_id: str = dataclass_field(default="", compare=False)
    author_email: str = dataclass_field(default="", compare=False)

    @property
    def by(self) -> Actor:
        return Actor(self.author, self.is_ours, self.author_id, self.author_email)
