"""What is under way in the world of the histories, and what happened that the final count has to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from syncd.core.changes import Field, Record, Side, Status, Verb
from syncd.core.errand import ErrandKind
from syncd.core.pen_name import PenName
from syncd.core.prepare import Go

from .desk import OVER, Desk
from .job import Job, Result


@dataclass(slots=True)
class Flight:
    """One attempt under way: claimed, then read, then written, then back."""

    job: Job
    token: int
    go: Go
    begun_at: datetime
    is_observed: bool = False
    has_read: bool = False
    has_written: bool = False
    read: Record | None = None
    note_id: str = ""
    person: str = ""  # in whose name it is made
    pen_name: PenName | None = None
    is_declined: bool = False  # that name was refused, and it was made in ours
    result: Result | None = None


@dataclass(frozen=True, slots=True)
class Landing:
    due: datetime
    write: Callable[[], object]


@dataclass(slots=True)
class Told:
    """What happened that the final count has to know."""

    writes: dict[str, int] = field(default_factory=dict)  # errand -> how often it landed
    order: dict[Side, list[str]] = field(default_factory=lambda: {side: [] for side in Side})  # notes, as they landed
    openings: int = 0
    acts: int = 0
    faults: int = 0
    dropped: int = 0
    refused_at: dict[Field, datetime] = field(default_factory=dict)
    crossings: list[datetime] = field(default_factory=list)  # our acknowledgement reopened an incident


def undoes_a_resolve(flight: Flight, desk: Desk, status: Status, jobs: Sequence[Job]) -> bool:
    """A replay takes a person's resolve back that it has read, though nobody had reopened anything, or only before that."""
    job, read = flight.job, flight.read
    if job.of is None or read is None or read.status not in OVER or status in OVER:
        return False
    resolved = desk.last_move(Field.STATUS)
    if resolved is None or not resolved.by_person:
        return False
    return job.first.errand.change is not Verb.REOPEN or _was_answered(job.first, desk.side, jobs)


def _was_answered(reopening: Job, side: Side, jobs: Sequence[Job]) -> bool:
    """A later resolve there was heard of and went the other way."""
    since = reopening.begun_at or reopening.asked_at
    later = [one for one in jobs if one.errand.side is side.other and one.of is None and one.asked_at > since]
    return any(one.errand.change is Verb.RESOLVE and one.errand.kind is ErrandKind.STATUS for one in later)
