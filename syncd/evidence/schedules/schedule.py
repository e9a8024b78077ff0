"""One on-call schedule, as it was read: what it says, whom PagerDuty says is on call, and for which time both were asked."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from syncd.evidence.schedules.layers import Layers
from syncd.evidence.schedules.rotations import Rotations
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span


@dataclass(frozen=True, slots=True)
class Schedule:
    id: str
    name: str
    zone: ZoneInfo
    content: Layers | Rotations
    policies: tuple[str, ...] | None  # the ids of those that use it; None: that was not said
    teams: tuple[str, ...] | None
    asked: Span  # overrides, and what is rendered, are known within this time and unknown outside of it
    rendered: tuple[Shift, ...] | None  # None: PagerDuty was not asked for it

    @property
    def is_shift_based(self) -> bool:
        return isinstance(self.content, Rotations)
