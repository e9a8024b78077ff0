"""What we believe about one case and its one incident: what we know of each side, and what we want of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum

from .changes import NOBODY, Actor, Field, Record, Side, Status
from .policy import PriorityPair


class LinkState(StrEnum):
    OPENING = "opening"  # -> open | failed | ended
    OPEN = "open"  # -> ended, when its account or its connector is removed, or its account moved
    FAILED = "failed"  # PagerDuty will not open it; its errands are held. -> opening, by a replay; -> ended, parked
    ENDED = "ended"  # the case was over before its incident existed, or a person parked the opening. -> opening, by a replay


class Order(Enum):
    NEWER = "newer"
    OLDER = "older"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Known:
    value: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Bring this field to this value. `base` is what the field said when the wish arose."""

    value: str
    base: str
    by: Actor = NOBODY
    is_amends: bool = False  # puts back what a write of ours undid
    earlier: tuple[str, ...] = ()  # what it was before it was aimed anew: a write of that may still be under way
    heard_at: datetime | None = None  # when the change behind it reached us


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """Both sides changed a field at once, and a person decides. What each side says is what we know of it."""

    by: Mapping[Side, str] = field(default_factory=dict)  # who changed it there last
    met_on: Side = Side.CASE  # where the one change was on its way to, and met the other
    ours: tuple[str, ...] = ()  # a write there of one of these was perhaps under way, and may still land
    since: datetime | None = None  # by our own clock; whoever stores it fills it in


Spot = tuple[Side, Field]


@dataclass(frozen=True, slots=True)
class Link:
    id: str
    case_system: str
    case_id: str
    integration: str
    incident_id: str = ""
    connector: str = ""
    state: LinkState = LinkState.OPEN
    is_paused: bool = False
    case_url: str = ""
    incident_url: str = ""
    known: Mapping[Spot, Known] = field(default_factory=dict)
    wanted: Mapping[Spot, Wish] = field(default_factory=dict)
    conflicts: Mapping[Field, FieldConflict] = field(default_factory=dict)
    version: int = 0
    priorities: tuple[PriorityPair, ...] = ()  # of its preset, in place of its connector's
    is_cut: bool = False  # its connector or its account was removed, or moved: nothing of it is carried over any more

    @property
    def is_case_closed(self) -> bool:
        return self.value(Side.CASE, Field.STATUS) == Status.CLOSED

    @property
    def is_case_over(self) -> bool:
        return self.value(Side.CASE, Field.STATUS) in {Status.RESOLVED, Status.CLOSED}

    @property
    def is_over(self) -> bool:
        """Both sides have come to their end, as far as we know."""
        return self.is_case_over and self.value(Side.INCIDENT, Field.STATUS) == Status.RESOLVED

    def ref(self, side: Side) -> str:
        return self.case_id if side is Side.CASE else self.incident_id

    def system(self, side: Side) -> str:
        return self.case_system if side is Side.CASE else self.integration

    def value(self, side: Side, name: Field) -> str | None:
        known = self.known.get((side, name))
        return None if known is None else known.value

    def chosen(self, side: Side, name: Field) -> str | None:
        """What a person made of it there: also while a write of ours that undid that is being put back."""
        wish = self.wanted.get((side, name))
        return wish.value if wish is not None and wish.is_amends else self.value(side, name)

    def has_parted(self, side: Side, record: Record) -> bool:
        """It was merged, as far as we know, and its record says that it is not any more."""
        return bool(self.value(side, Field.MERGED_INTO)) and not record.merged_into

    def saw(self, side: Side, name: Field, value: str, at: datetime | None) -> Link:
        """Believe it. A value we already had keeps the later of the two times, and no finer one than we can be sure of."""
        before = self.known.get((side, name))
        if before is not None and before.value == value and before.at is not None:
            at = _later(before.at, at)
        return replace(self, known={**self.known, (side, name): Known(value, at)})

    def want(self, side: Side, name: Field, wish: Wish) -> Link:
        return replace(self, wanted={**self.wanted, (side, name): wish})

    def no_longer_want(self, side: Side, name: Field) -> Link:
        return replace(self, wanted={spot: wish for spot, wish in self.wanted.items() if spot != (side, name)})

    def in_conflict(self, name: Field, conflict: FieldConflict) -> Link:
        return replace(self, conflicts={**self.conflicts, name: conflict})

    def no_longer_in_conflict(self, name: Field) -> Link:
        return replace(self, conflicts={one: it for one, it in self.conflicts.items() if one is not name})


def _later(one: datetime, other: datetime | None) -> datetime:
    """Of one second the whole one: with that it may have been at any moment of it."""
    if other is None or order(other, one) is Order.OLDER:
        return one
    return min(one, other) if order(other, one) is Order.UNSURE else other


def order(seen: datetime | None, known: datetime | None) -> Order:
    """Compare two moments of one record's clock. REST times have whole seconds, webhook times milliseconds."""
    if seen is None or known is None:
        return Order.UNSURE
    if seen == known:
        return Order.UNSURE
    if seen.microsecond == 0 or known.microsecond == 0:
        same_second = seen.replace(microsecond=0) == known.replace(microsecond=0)
        if same_second:
            return Order.UNSURE
    return Order.NEWER if seen > known else Order.OLDER
