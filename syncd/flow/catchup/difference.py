"""Where two sides of a link differ, and why that stands: nobody knows of it yet, it is on its way, or it came to nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from syncd.core.changes import Side
from syncd.store.outcomes import Became

NOTE = "note"
_SHOWN = 80  # characters of a note


class Cause(Enum):
    UNHEARD = auto()  # no hook has told of it: a look finds it
    ON_ITS_WAY = auto()
    UNDONE = auto()  # it was refused, put aside or only observed
    IN_CONFLICT = auto()
    KEPT_BACK = auto()  # a policy or a mapping says so, and nobody misses it
    MAPPED_SINCE = auto()  # it had no counterpart when it was set, and has one by the map of today
    LEFT = auto()  # both sides are known to say this, and nothing is going to change it


@dataclass(frozen=True, slots=True)
class Difference:
    what: str
    case: str
    incident: str
    incident_name: str = ""  # of a priority, as PagerDuty calls it, where that is known: `incident` is its id
    why: str = ""
    remedy: str = ""

    @property
    def told(self) -> str:
        case, incident = self.case or "nothing", self.incident_name or self.incident or "nothing"
        return f"{self.what} (case: {case}; incident: {incident})"


@dataclass(frozen=True, slots=True)
class Found:
    """A difference with what is known of it. `to` are the sides that would be written to."""

    difference: Difference
    cause: Cause
    to: Collection[Side]
    became: Became | None = None  # the errand that is, or was, to bring it across


def note_on(side: Side, author: str, text: str) -> Difference:
    """It stands on this side alone."""
    shown = f"{author}: {text[:_SHOWN]}" if author else text[:_SHOWN]
    return Difference(NOTE, shown, "") if side is Side.CASE else Difference(NOTE, "", shown)
