"""Writes that are made in a person's name: which of them are, and how they are known again as ours when they are heard of.

Such a write comes back as done by that person. It is ours if we wrote this value in this person's name, and it was not done
after that write had landed, by the record's own clock; a person who does the very same later has done it themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .changes import Actor, Field, FieldSeen, Record, Verb
from .errand import Errand, ErrandKind
from .link import Wish

#: Hooks carry when the event was made, and records when they were changed: the same system may take a moment in between.
A_MOMENT = timedelta(seconds=5)
REPEATED_FOR = timedelta(days=2)  # a hook that nobody took
_OF_PEOPLE = frozenset({ErrandKind.OPEN, ErrandKind.STATUS, ErrandKind.PRIORITY})
_WORDS_OF_PEOPLE = frozenset({Verb.NOTE, Verb.RESOLUTION_NOTE})


@dataclass(frozen=True, slots=True)
class PenName:
    """One attempt that may have been made in somebody's name. Of words there is no value: they are known by themselves."""

    user_id: str
    field: Field | None
    value: str
    begun_at: datetime  # by our clock
    landed_by: datetime | None = None  # by the record's; None: nobody can tell

    def may_have_made(self, seen: FieldSeen, heard_at: datetime) -> bool:
        if (seen.by.id, seen.field, seen.value) != (self.user_id, self.field, self.value):
            return False
        if not self.begun_at <= heard_at <= self.begun_at + REPEATED_FOR:
            return False
        return self.landed_by is None or seen.at is None or seen.at <= self.landed_by + A_MOMENT


def unmasked(seen: FieldSeen, names: Iterable[PenName], heard_at: datetime) -> FieldSeen:
    """As done by us, if it may have been a write of ours in that person's name."""
    if seen.by.is_us or not seen.by.id or not any(one.may_have_made(seen, heard_at) for one in names):
        return seen
    return replace(seen, by=replace(seen.by, is_us=True))


def without_ours(record: Record, names: Collection[PenName], heard_at: datetime) -> Record:
    """Of what it says the people who made it so, but those in whose name we may have."""
    told = {field: FieldSeen(field, record.value(field) or "", by, record.at) for field, by in record.by.items()}
    theirs = {field: seen.by for field, seen in told.items() if not unmasked(seen, names, heard_at).by.is_us}
    return replace(record, by=theirs)


def person_behind(errand: Errand, wish: Wish | None, by: Actor) -> Actor | None:
    """Whose change this write carries over. None: it is our own doing, or says something in words of ours."""
    if errand.kind is ErrandKind.NOTE:
        is_theirs = errand.change in _WORDS_OF_PEOPLE
    else:
        is_theirs = errand.kind in _OF_PEOPLE and not (wish is not None and wish.is_amends)
    by = by if wish is None else wish.by
    return by if is_theirs and by.email and not by.is_us else None
