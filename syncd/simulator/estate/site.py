"""What all who furnish the account share: the account, its time, its dice, and the manifest they write in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from syncd.simulator.account import Account, Level, Policy, Service, Target, Team, User
from syncd.simulator.estate.manifest import Manifest
from syncd.simulator.estate.sizes import EACH, Sizes
from syncd.simulator.ids import Ids
from syncd.simulator.schedules import AnySchedule, Schedule

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Europe/London",
    "America/St_Johns",
    "Etc/UTC",
    "Pacific/Auckland",
    "America/Los_Angeles",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
)


@dataclass(slots=True)
class Site:
    account: Account
    ids: Ids
    made: datetime  # a whole minute
    sizes: Sizes
    manifest: Manifest
    free: list[str] = field(default_factory=list)  # users that no schedule has yet
    spare: list[str] = field(default_factory=list)  # users that no schedule will have, and nothing is wrong with yet
    sound: list[AnySchedule] = field(default_factory=list)  # schedules that nothing is wrong with
    holed: list[AnySchedule] = field(default_factory=list)
    policies: list[str] = field(default_factory=list)  # that nothing is wrong with
    services: list[str] = field(default_factory=list)

    @property
    def dice(self) -> Random:
        return self.ids.dice

    def crew(self, size: int = EACH) -> tuple[str, ...]:
        """People that are on no other schedule."""
        return tuple(self.free.pop() for _ in range(size))

    def team(self, number: int) -> Team:
        teams = list(self.account.teams.values())
        return teams[number % len(teams)]

    def after(self, **passed: float) -> datetime:
        return self.made + timedelta(**passed)

    def add(self, schedule: AnySchedule, *, sound: bool = True) -> AnySchedule:
        """With its people in its team."""
        if isinstance(schedule, Schedule):
            self.account.schedules[schedule.id] = schedule
        else:
            self.account.shift_schedules[schedule.id] = schedule
        (self.sound if sound else self.holed).append(schedule)
        for team_id in schedule.team_ids:
            for who in schedule.user_ids:
                self.account.teams[team_id].members.setdefault(who, "responder")
        return schedule

    def policy(
        self, name: str, levels: tuple[tuple[Target, ...], ...], loops: int, team_ids: tuple[str, ...]
    ) -> Policy:
        made = tuple(Level(self.ids.record(), targets) for targets in levels)
        policy = Policy(self.ids.record(), name, made, loops, team_ids)
        self.account.policies[policy.id] = policy
        return policy

    def put(self, record: User | Service) -> None:
        """In place of the record of the same id."""
        if isinstance(record, User):
            self.account.users[record.id] = record
        else:
            self.account.services[record.id] = record
