"""On-call schedules as people drew them, of both kinds: layers (v2) and shifts (v3). Who is on call when is worked out elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

Member = str | None  # a user's id, or a place that is left empty on purpose


@dataclass(frozen=True, slots=True)
class Restriction:
    """A layer with restrictions is on call only within them; both ends are times on the wall of the schedule's zone."""

    start: time
    seconds: int
    weekday: int | None = None  # 1 is Monday; None: every day


@dataclass(frozen=True, slots=True)
class Layer:
    id: str
    name: str
    start: datetime
    users: tuple[str, ...]
    turn_s: int
    virtual_start: datetime | None = None  # where turns are counted from; None: the start
    end: datetime | None = None
    restrictions: tuple[Restriction, ...] = ()

    @property
    def counted_from(self) -> datetime:
        return self.virtual_start or self.start


@dataclass(frozen=True, slots=True)
class Override:
    id: str
    user_id: str
    start: datetime
    end: datetime


@dataclass(slots=True)
class Schedule:
    """Layer-based. Of two layers with somebody at one time the upper one counts, and an override before all of them."""

    id: str
    name: str
    zone: str
    layers: tuple[Layer, ...] = ()  # the uppermost first
    overrides: list[Override] = field(default_factory=list)
    team_ids: tuple[str, ...] = ()
    description: str = ""

    @property
    def user_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(who for layer in self.layers for who in layer.users))


@dataclass(frozen=True, slots=True)
class ShiftEvent:
    """One shift that comes again by an RFC 5545 rule, on the wall of its zone, and whose turn it then is."""

    id: str
    name: str
    start: datetime
    end: datetime
    zone: str
    since: datetime  # before this, and after `until`, it puts nobody on call
    recurrence: tuple[str, ...]
    members: tuple[Member, ...]
    until: datetime | None = None
    shifts_each: int = 1
    everybody: bool = False  # all members at once, instead of one after the other


@dataclass(frozen=True, slots=True)
class Rotation:
    id: str
    events: tuple[ShiftEvent, ...]


@dataclass(frozen=True, slots=True)
class CustomShift:
    id: str
    start: datetime
    end: datetime
    member: Member


@dataclass(frozen=True, slots=True)
class ShiftOverride:
    """Of a rotation's shifts or of a custom shift, named by `of`."""

    id: str
    of: str
    start: datetime
    end: datetime
    overridden: Member
    overriding: Member


@dataclass(slots=True)
class ShiftSchedule:
    id: str
    name: str
    zone: str
    rotations: tuple[Rotation, ...] = ()
    custom_shifts: tuple[CustomShift, ...] = ()
    overrides: list[ShiftOverride] = field(default_factory=list)
    team_ids: tuple[str, ...] = ()
    description: str = ""

    @property
    def user_ids(self) -> tuple[str, ...]:
        members = (who for each in self.rotations for event in each.events for who in event.members)
        custom = (each.member for each in self.custom_shifts)
        return tuple(dict.fromkeys(who for who in (*members, *custom) if who is not None))


AnySchedule = Schedule | ShiftSchedule
