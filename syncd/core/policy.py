"""What a team may choose, and the tables of one connector: everything `decide` needs besides the link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .capabilities import Capabilities
from .changes import Field, Side


class Unacknowledged(StrEnum):
    FOLLOW = "follow"
    IGNORE = "ignore"


class CaseReopened(StrEnum):
    NOTE = "note"
    REOPEN = "reopen"


class NoteEdits(StrEnum):
    APPEND = "append"  # as a further comment: what was said once stays
    IGNORE = "ignore"


class Winner(StrEnum):
    """Whose change of a field stands when the other side's was still on its way to it."""

    PAGERDUTY = "pagerduty_wins"
    CASE = "case_wins"
    NEWEST = "newest"  # by when syncd came to know of them: times of two systems are never compared
    MANUAL = "manual"  # neither is written, until a person decides

    @property
    def side(self) -> Side | None:
        return {Winner.PAGERDUTY: Side.INCIDENT, Winner.CASE: Side.CASE}.get(self)


@dataclass(frozen=True, slots=True)
class Policy:
    unacknowledged: Unacknowledged = Unacknowledged.FOLLOW
    case_reopened: CaseReopened = CaseReopened.NOTE
    priority: Winner = Winner.PAGERDUTY
    note_edits: NoteEdits = NoteEdits.APPEND
    resolution_note: Winner = Winner.CASE

    def winner(self, field: Field) -> Winner | None:
        """None: nothing to choose. A status only climbs its ladder, and only an incident can be merged."""
        return {Field.PRIORITY: self.priority, Field.RESOLUTION_NOTE: self.resolution_note}.get(field)


@dataclass(frozen=True, slots=True)
class PriorityPair:
    case: str
    incident: str  # PagerDuty's id: its names are free text and may repeat
    name: str = ""  # for people


def as_typed(pairs: Sequence[PriorityPair]) -> list[str]:
    """As people write them: by their names, unless two of one name are meant."""
    ids: dict[str, set[str]] = {}
    for pair in pairs:
        ids.setdefault(pair.name, set()).add(pair.incident)
    return [f"{pair.case}={pair.name if pair.name and len(ids[pair.name]) == 1 else pair.incident}" for pair in pairs]


@dataclass(frozen=True, slots=True)
class PriorityMap:
    """Rows may repeat a value on either side; the first row for a value is the one that is written."""

    pairs: tuple[PriorityPair, ...] = ()

    def across(self, from_side: Side, value: str) -> str | None:
        for pair in self.pairs:
            if from_side is Side.CASE and pair.case == value:
                return pair.incident
            if from_side is Side.INCIDENT and pair.incident == value:
                return pair.case
        return None

    def called(self, incident: str) -> str:
        """As PagerDuty calls it; the id where its name is not known."""
        return next((pair.name for pair in self.pairs if pair.incident == incident and pair.name), incident)

    def means_the_same(self, case: str, incident: str) -> bool:
        """Whether this pair of values needs no write, in either direction."""
        return any(pair.case == case and pair.incident == incident for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class Rules:
    policy: Policy = Policy()
    priorities: PriorityMap = PriorityMap()
    capabilities: Mapping[Side, Capabilities] = field(default_factory=lambda: {side: Capabilities() for side in Side})
    is_two_way: bool = True  # else what happens to the incident is known, and changes nothing on the case
