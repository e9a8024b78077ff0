"""Everything that is known of an account at one time: what findings are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import cast

from .audit import AuditRecord
from .dataset import Dataset, Name, Row
from .incidents import CaseOf, Incident
from .licences import Allocation, Licence
from .oncalls import OnCall
from .policies import Policy
from .schedules import Covered, Rota
from .services import Service
from .teams import Ability, Team
from .users import Person, User


@dataclass(frozen=True, slots=True)
class Seen:
    """Since when we have seen a record in the state it is in; PagerDuty itself does not tell."""

    state: str  # a service's status; `invited`
    since: datetime
    was_otherwise: bool  # it was seen in another state before, so that it has not lasted longer


@dataclass(frozen=True, slots=True)
class Facts:
    services: Dataset[Service] = field(default_factory=lambda: Dataset(Name.SERVICES))
    policies: Dataset[Policy] = field(default_factory=lambda: Dataset(Name.POLICIES))
    schedules: Dataset[Rota] = field(default_factory=lambda: Dataset(Name.SCHEDULES))
    coverage: Dataset[Covered] = field(default_factory=lambda: Dataset(Name.COVERAGE))
    oncalls: Dataset[OnCall] = field(default_factory=lambda: Dataset(Name.ONCALLS))
    users: Dataset[User] = field(default_factory=lambda: Dataset(Name.USERS))
    teams: Dataset[Team] = field(default_factory=lambda: Dataset(Name.TEAMS))
    abilities: Dataset[Ability] = field(default_factory=lambda: Dataset(Name.ABILITIES))
    licences: Dataset[Licence] = field(default_factory=lambda: Dataset(Name.LICENCES))
    allocations: Dataset[Allocation] = field(default_factory=lambda: Dataset(Name.ALLOCATIONS))
    audit: Dataset[AuditRecord] = field(default_factory=lambda: Dataset(Name.AUDIT))
    incidents: Dataset[Incident] = field(default_factory=lambda: Dataset(Name.INCIDENTS))
    open_incidents: Dataset[Incident] = field(default_factory=lambda: Dataset(Name.OPEN_INCIDENTS))
    cases: Dataset[CaseOf] = field(default_factory=lambda: Dataset(Name.CASES))
    roster: Dataset[Person] = field(default_factory=lambda: Dataset(Name.ROSTER))
    seen: Mapping[str, Seen] = field(default_factory=dict)  # by the record's id

    def aged(self, at: datetime) -> Facts:
        return replace(self, **{field: self.of(name).aged(at) for name, field in FIELDS.items()})  # type: ignore[arg-type]

    def of(self, name: Name) -> Dataset[Row]:
        return cast("Dataset[Row]", getattr(self, FIELDS[name]))


#: Where each dataset stands.
FIELDS: Mapping[Name, str] = {name: str(name) for name in Name} | {
    Name.POLICIES: "policies",
    Name.LICENCES: "licences",
    Name.ALLOCATIONS: "allocations",
    Name.AUDIT: "audit",
}
