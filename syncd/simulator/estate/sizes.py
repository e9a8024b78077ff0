"""How large the account is to be; smaller ones are for tests, and none is too small for its faults."""

from __future__ import annotations

from dataclasses import dataclass, fields

from syncd.errors import Misconfigured

EACH = 3  # people of a schedule
SPARE = 90  # people of no schedule: admins, those who only look on, and those of whom something is wrong


@dataclass(frozen=True, slots=True)
class Sizes:
    services: int = 847
    incidents: int = 12_500  # of one day; the few that are older come on top
    users: int = 300
    schedules: int = 60  # of both kinds together
    teams: int = 24

    def __post_init__(self) -> None:
        for each in fields(LEAST):
            least = getattr(LEAST, each.name)
            if getattr(self, each.name) < least:
                raise Misconfigured(f"An account with all its faults has at least {least} {each.name}.")
        if self.users < (least := self.schedules * EACH + SPARE):
            raise Misconfigured(f"{self.schedules} schedules need at least {least} users.")


@dataclass(frozen=True, slots=True)
class _Least:
    services: int = 100
    incidents: int = 600
    users: int = 0
    schedules: int = 30
    teams: int = 3


LEAST = _Least()
