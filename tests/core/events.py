"""What is under way in the world of the histories, and what happened that the final count has to know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from syncd.core.changes import Field, Record, Side
from syncd.core.prepare import Go

from .lane import Job, Result


@dataclass(slots=True)
class Flight:
    """One attempt under way: claimed, then read, then written, then back."""

    job: Job
    token: int
    go: Go
    begun_at: datetime
    has_read: bool = False
    has_written: bool = False
    read: Record | None = None
    note_id: str = ""
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
