"""What a system can and cannot do, as data. Rules read it; no rule asks which system it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Capabilities:
    has_closed: bool = False
    has_resolution_note: bool = False  # a field of its own that can be written; else it becomes a comment
    can_reopen: bool = True
    can_unacknowledge: bool = True
    names_authors: bool = False  # a comment can carry somebody else's name; else the name goes into the text
    can_be_read: bool = True  # False: what was sent there is all that is ever known of it
    takes_notes: bool = True
    calls_people: bool = False  # names in a text call people, there or further on: what is carried there calls nobody
    knows_people: bool = False  # a write can be made as one of its own users, who is found by an e-mail address
    max_note: int = 60_000  # bytes
    max_resolution_note: int = 60_000
