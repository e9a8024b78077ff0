"""An errand: one write to be made on one side. A wish (status, priority, resolution note) takes its value when it is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .changes import NOBODY, Actor, Field, Side, Verb


class ErrandKind(StrEnum):
    OPEN = "open"  # open the incident
    LINK = "link"  # show the incident's address on the case
    STATUS = "status"
    PRIORITY = "priority"
    RESOLUTION_NOTE = "resolution_note"
    NOTE = "note"
    CLOSING_NOTE = "closing_note"


KIND_OF_WISH = {
    Field.STATUS: ErrandKind.STATUS,
    Field.PRIORITY: ErrandKind.PRIORITY,
    Field.RESOLUTION_NOTE: ErrandKind.RESOLUTION_NOTE,
}
FIELD_OF_WISH = {kind: field for field, kind in KIND_OF_WISH.items()}


@dataclass(frozen=True, slots=True)
class Replay:
    """A person wants a delivery decided anew."""

    of: int
    by: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An errand that `decide` asks for; the store gives it an id and a place at the end of its lane."""

    side: Side
    kind: ErrandKind
    change: Verb
    text: str = ""
    author: str = ""  # for systems that can show somebody else's name
    by: Actor = NOBODY
    occurred_at: datetime | None = None
    is_after_a_look: bool = False  # at once it would meet the same record, of which nobody can tell how old it is


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed errand, as one attempt sees it."""

    id: str
    link_id: str
    side: Side
    kind: ErrandKind
    change: Verb
    attempt: int
    text: str = ""
    author: str = ""
    is_doubtful: bool = False  # an earlier attempt may have landed: look before writing
    first_begun_at: datetime | None = None
    is_put_aside: bool = False  # of an opening that may have landed: a person wants it only looked for
