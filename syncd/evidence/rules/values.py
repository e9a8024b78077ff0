"""Thresholds, targets and choices. Each has its meaning behind it, which the reference page prints; `reading` takes them from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from syncd.evidence.spans import Span

#: Of the catalogue, which stands above this.
CHECK_IDS = (
    *(f"SVC-{at:02}" for at in range(1, 7)),
    *(f"EP-{at:02}" for at in range(1, 5)),
    *(f"SCH-{at:02}" for at in range(1, 6)),
    *(f"USR-{at:02}" for at in range(1, 6)),
    *(f"INC-{at:02}" for at in range(1, 5)),
)
OTHERS = "*"  # every priority that has no target of its own, and incidents without one


class Clock(StrEnum):
    """From when to when an incident counts as being resolved."""

    ELAPSED = "elapsed"  # from its first trigger to its last resolve
    OPEN = "open"  # without the time between a resolve and the reopening after it


@dataclass(frozen=True, slots=True)
class Target:
    """In how many minutes incidents of a priority are to be acknowledged and resolved."""

    acknowledge: int
    resolve: int


DEFAULT_TARGETS: Mapping[str, Target] = {"P1": Target(5, 4 * 60), OTHERS: Target(15, 24 * 60)}


@dataclass(frozen=True, slots=True)
class Critical:
    """Which services are critical: those of any of these."""

    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()  # a `*` stands for anything, capitals do not count
    teams: tuple[str, ...] = ()  # ids

    @property
    def is_chosen(self) -> bool:
        return bool(self.ids or self.names or self.teams)


@dataclass(frozen=True, slots=True)
class Rules:
    critical: Critical = field(default_factory=Critical)  # which services are critical (SVC-01)
    # how many minutes acknowledging and resolving may take, by a priority's name; `"*"` is all others (INC-01, INC-02)
    targets: Mapping[str, Target] = field(default_factory=lambda: DEFAULT_TARGETS)
    # resolving takes from the first trigger to the last resolve, or only the time the incident was open (INC-02)
    clock: Clock = Clock.ELAPSED
    api_is_person: bool = False  # an acknowledgement by the API in a user's name counts as that person's (INC-01)
    programs: tuple[str, ...] = ()  # ids of users that are programs, whose acknowledgements are no person's (INC-01)
    window_days: int = 30  # incidents that began within so many days are judged (INC-01, INC-02, INC-04)
    # so many of a hundred incidents of a priority are acknowledged within its target, at least (INC-01)
    acknowledge_percent: int = 90
    resolve_percent: int = 100  # and resolved (INC-02)
    open_days: int = 7  # an incident may be open for so long (INC-03)
    unacknowledged_hours: int = 24  # and wait for its acknowledgement for so long (INC-03)
    noted_priorities: tuple[str, ...] = ("P1", "P2")  # incidents of these need a resolution note (INC-04)
    with_case: bool = True  # and a linked, closed case (INC-04)
    away_days: int = 30  # a service may be disabled or in maintenance for so long (SVC-04)
    levels: int = 2  # an escalation policy has so many, at least (EP-02)
    loops: int = 1  # a policy that does not end at a schedule repeats so often, at least (EP-03)
    gap_days: int = 30  # schedules are looked ahead for so many days (SCH-01, SCH-05, USR-01)
    participants: int = 2  # a schedule has so many, at least (SCH-02)
    contacts: int = 2  # somebody on call has so many contact methods, at least (USR-01)
    loud: tuple[str, ...] = ("phone", "push")  # and one that is of these kinds (USR-01)
    admins: int = 5  # so many Global Admins there may be (USR-02)
    admins_percent: int = 5  # or so many of a hundred users, if that is more (USR-02)
    owners: int = 1  # so many account owners there are (USR-02)
    invitation_days: int = 14  # an invitation may be open for so long (USR-04)
    # checks that open a case when they fail, keep it up to date, and close it once they pass
    open_cases: tuple[str, ...] = ()
    case_connector: str = ""  # the connector of those cases; without it they stay here, unless a rule names them

    def target(self, priority: str) -> Target:
        return self.targets.get(priority) or self.targets[OTHERS]

    @property
    def window(self) -> timedelta:
        return timedelta(days=self.window_days)

    def ahead(self, at: datetime) -> Span:
        """The days to come that schedules and policies are judged by."""
        return Span(at, at + timedelta(days=self.gap_days))
