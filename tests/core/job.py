"""One errand of the make-believe store: its row, and how an attempt at it can end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from syncd import errors
from syncd.core.answered import Answer
from syncd.core.changes import NOBODY, Actor, Record, Side
from syncd.core.errand import Errand, ErrandKind
from syncd.core.lifecycle import ERRAND, ErrandState
from syncd.core.pen_name import PenName

from .desk import Fact

LIVE = frozenset({ErrandState.WAITING, ErrandState.SENDING, ErrandState.HELD})
NOTES = frozenset({ErrandKind.NOTE, ErrandKind.CLOSING_NOTE})


@dataclass(frozen=True, slots=True)
class Safeguards:
    """What the machine can be run without, to see it fail."""

    looks_before_repeating: bool = True
    knows_its_own_notes: bool = True
    minds_time: bool = True
    minds_whose_words: bool = True  # without: whatever comes from our account is ours
    knows_pen_names: bool = True  # without: what was written in a person's name is that person's
    weighs: bool = True  # without: a wish is written over whatever the record says


class Dealt(Enum):
    """What was done about one that has ended without its write."""

    NOT = "not"
    OBSERVED = "observed"  # it is decided anew once its account is written to again
    LEFT = "left"  # that was done, or it is for a person to replay
    REPLAYED = "replayed"


@dataclass(slots=True)
class Job:
    """An errand with its row. `origin` is the note it carries over, for the final count."""

    errand: Errand
    asked_at: datetime
    next_at: datetime
    state: ErrandState = ErrandState.WAITING
    begun_at: datetime | None = None
    lease_until: datetime | None = None
    token: int = 0
    far_id: str = ""
    origin: tuple[Side, str] | None = None
    by: Actor = NOBODY
    heard_at: datetime | None = None
    dealt: Dealt = Dealt.NOT
    landed_by: datetime | None = None  # by the record's clock
    person: str = ""  # in whose name the attempt under way is made
    pen_names: list[PenName] = field(default_factory=list)
    of: Job | None = None  # what a replay, or the end of observing, decided anew

    def become(self, state: ErrandState) -> None:
        assert state is self.state or state in ERRAND[self.state], (self.state, state)
        self.state = state

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def first(self) -> Job:
        return self if self.of is None else self.of.first


@dataclass(frozen=True, slots=True)
class Opened:
    record: Record


@dataclass(frozen=True, slots=True)
class NeverOpened:
    pass


@dataclass(frozen=True, slots=True)
class Observed:
    """Its account is only observed: everything was read, and nothing was written."""


Result = Answer | Opened | NeverOpened | Observed | errors.SideError


@dataclass(frozen=True, slots=True)
class Heard:
    """A note in the register: whose it is, and the fact that told of it, in case it was taken for ours wrongly."""

    errand: str = ""
    fact: Fact | None = None


def names_of(jobs: Sequence[Job]) -> set[str]:
    """The ids of people in whose names something was perhaps written."""
    return {one.user_id for job in jobs for one in job.pen_names}
