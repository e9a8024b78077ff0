"""What was planted in a made account, to the second: what collectors and checks find is compared with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from syncd.simulator.asked import Json

AHEAD = timedelta(days=40)  # how far gaps are written down

Interval = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Told:
    """Of one incident, as its story was written; seconds. None: it has not come to that."""

    acknowledged_s: int | None  # by a person, from the trigger or reopening before it
    waited_s: int | None  # the longest wait until a person came or it was resolved; None: it still waits
    resolved_s: int | None  # from its first trigger to its last resolve
    reopened: int = 0
    is_merged: bool = False
    resolved_by: str = "person"  # person | api | auto; empty: nobody


@dataclass(slots=True)
class Manifest:
    made_at: datetime
    seed: int
    counts: dict[str, int] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)  # check -> ids of what it has to find, and nothing else
    gaps: dict[str, list[Interval]] = field(default_factory=dict)  # schedule -> from made_at on, so far AHEAD
    twice: dict[str, tuple[str, str, datetime, datetime]] = field(
        default_factory=dict
    )  # user -> both schedules, and when
    since: dict[str, datetime] = field(default_factory=dict)  # disabled, in maintenance or invited since
    times: dict[str, Told] = field(default_factory=dict)  # of each incident
    roster: list[str] = field(default_factory=list)  # addresses of the organisation's people
    traps: dict[str, list[str]] = field(default_factory=dict)  # what looks like a fault and is none

    @property
    def seen_until(self) -> datetime:
        return self.made_at + AHEAD

    def plant(self, check: str, *ids: str) -> None:
        self.faults.setdefault(check, []).extend(ids)

    def trap(self, check: str, *ids: str) -> None:
        self.traps.setdefault(check, []).extend(ids)

    def gap(self, schedule: str, found: Iterable[Interval]) -> None:
        """Cut at both ends of what is looked at; without any of it there is no fault."""
        inside = [(max(a, self.made_at), min(b, self.seen_until)) for a, b in found]
        self.gaps[schedule] = sorted((a, b) for a, b in inside if a < b)
        self.plant("SCH-01", schedule)

    def shown(self) -> Json:
        return {
            "made_at": self.made_at.isoformat(),
            "seed": self.seed,
            "counts": self.counts,
            "faults": {check: sorted(ids) for check, ids in sorted(self.faults.items())},
            "traps": {check: sorted(ids) for check, ids in sorted(self.traps.items())},
            "gaps": {one: [[a.isoformat(), b.isoformat()] for a, b in found] for one, found in self.gaps.items()},
            "twice": {
                user: {"schedules": [one, other], "start": a.isoformat(), "end": b.isoformat()}
                for user, (one, other, a, b) in self.twice.items()
            },
            "since": {one: at.isoformat() for one, at in self.since.items()},
            "roster": self.roster,
            "times": {incident: asdict(told) for incident, told in self.times.items()},
        }
