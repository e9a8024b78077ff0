"""Everything one simulated PagerDuty account holds, as plain records. It has no behaviour beyond finding things."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from syncd.simulator.asked import Json
from syncd.simulator.audit import AuditRecord
from syncd.simulator.schedules import AnySchedule, Schedule, ShiftSchedule

OPEN = ("triggered", "acknowledged")
CANNOT_RESPOND = ("observer", "read_only_user", "read_only_limited_user")  # stakeholders and observers


@dataclass(frozen=True, slots=True)
class ContactMethod:
    id: str
    kind: str  # email | phone | sms | push_notification
    label: str
    address: str


@dataclass(frozen=True, slots=True)
class NotificationRule:
    id: str
    urgency: str
    contact_id: str
    delay_minutes: int = 0


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    email: str
    role: str = "user"
    active: bool = True
    contacts: tuple[ContactMethod, ...] = ()
    rules: tuple[NotificationRule, ...] = ()
    is_invited: bool = False  # and has not come yet
    created_at: datetime | None = None  # None: with the account
    zone: str = "Etc/UTC"

    @property
    def can_respond(self) -> bool:
        return self.role not in CANNOT_RESPOND


@dataclass(frozen=True, slots=True)
class Priority:
    id: str
    name: str
    description: str


@dataclass(slots=True)
class Team:
    id: str
    name: str
    members: dict[str, str] = field(default_factory=dict)  # user id -> manager, responder or observer
    is_private: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    kind: str = "user"  # or schedule


@dataclass(frozen=True, slots=True)
class Level:
    id: str
    targets: tuple[Target, ...]
    delay_minutes: int = 30


@dataclass(frozen=True, slots=True)
class Policy:
    id: str
    name: str
    levels: tuple[Level, ...]
    loops: int = 0
    team_ids: tuple[str, ...] = ()

    @property
    def on_call(self) -> tuple[str, ...]:
        """Whom its first level names, not counting schedules."""
        return tuple(target.id for level in self.levels[:1] for target in level.targets if target.kind == "user")


def direct(policy_id: str, name: str, users: Iterable[str]) -> Policy:
    """One level that names people; without people there is none."""
    targets = tuple(Target(who) for who in users)
    return Policy(policy_id, name, (Level(f"{policy_id}R", targets),) if targets else ())


@dataclass(frozen=True, slots=True)
class Integration:
    id: str
    name: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SupportHours:
    zone: str
    start: str = "09:00:00"
    end: str = "17:00:00"
    days: tuple[int, ...] = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    name: str
    policy_id: str  # empty: it has none; one that is not there: it was deleted
    description: str
    created_at: datetime
    urgency: str = "severity_based"  # or the one that all its incidents have
    support_hours: SupportHours | None = None  # then its urgency is high within them and low outside
    team_ids: tuple[str, ...] = ()
    integrations: tuple[Integration, ...] = ()
    ack_timeout_s: int | None = None
    auto_resolve_s: int | None = None
    state: str = ""  # disabled or maintenance; empty: what its incidents make it


@dataclass(frozen=True, slots=True)
class Maintenance:
    id: str
    service_ids: tuple[str, ...]
    start: datetime
    end: datetime
    description: str = ""


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a key may not ask for, and how that is said: its role or scope (403), the account's plan (402), or not there (404)."""

    path: str  # a pattern of the path without query: "/audit/records", "/users/*"
    status: int = 403
    required_scopes: str = ""
    token_scopes: str = ""

    def meets(self, path: str) -> bool:
        return fnmatchcase(path, self.path)


@dataclass(slots=True)
class Key:
    secret: str = field(repr=False)
    kind: str = "full"  # full | read_only | user | app
    user_id: str | None = None
    revoked: bool = False
    scopes: tuple[str, ...] | None = None  # of an OAuth token; None: a key, which has none
    until: datetime | None = None  # an OAuth token's end
    client: str = ""  # the application an OAuth token was given to
    withheld: list[Withheld] = field(default_factory=list)
    team_ids: tuple[str, ...] = ()  # it sees what belongs to these teams; empty: it is not bound to any

    @property
    def budget(self) -> str:
        """All keys of one user share one budget, and so do all tokens of one application."""
        return f"user:{self.user_id}" if self.kind == "user" else f"key:{self.client or self.secret}"


@dataclass(slots=True)
class Note:
    id: str
    agent: Json
    content: str
    created_at: datetime
    updated_at: datetime
    channel: str = "The PagerDuty website or APIs"


@dataclass(slots=True)
class LogEntry:
    id: str
    type: str
    created_at: datetime
    agent: Json | None
    channel: Json
    note: str | None = None
    more: Json | None = None  # what only this type of entry has: assignees, the user who was notified


@dataclass(slots=True)
class Incident:
    id: str
    number: int
    title: str
    service_id: str
    policy_id: str
    incident_key: str
    created_at: datetime
    updated_at: datetime
    last_status_change_at: datetime
    urgency: str = "high"
    status: str = "triggered"
    details: str | None = None
    priority_id: str | None = None
    resolved_at: datetime | None = None
    reopened_at: datetime | None = None
    merged_into: str | None = None
    snoozed_until: datetime | None = None
    last_status_change_by: Json | None = None
    from_events: bool = False  # opened by the Events API: webhooks then carry no incident_key
    severity: str = ""  # of its alert, as the last event said
    bridge: Json | None = None
    incident_type: str = "incident_default"
    level: int = 1  # of its policy, that it has come to
    assigned: list[str] = field(default_factory=list)
    acknowledged_by: list[tuple[str, datetime]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    log: list[LogEntry] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN


@dataclass(slots=True)
class Subscription:
    id: str
    url: str
    events: tuple[str, ...]
    filter_type: str
    filter_id: str | None
    delivery_id: str
    secrets: list[str] = field(repr=False)
    description: str = ""
    custom_headers: dict[str, str] = field(default_factory=dict, repr=False)
    active: bool = True
    dropped_in_a_row: int = 0
    disabled_until: datetime | None = None
    queue: int = 0  # which queue is alive: disabling starts a new one, and the old one is lost

    def is_disabled(self, now: datetime) -> bool:
        return self.disabled_until is not None and now < self.disabled_until


@dataclass(slots=True)
class Account:
    api_url: str
    web_url: str
    users: dict[str, User] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)  # most severe first
    policies: dict[str, Policy] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    schedules: dict[str, Schedule] = field(default_factory=dict)
    shift_schedules: dict[str, ShiftSchedule] = field(default_factory=dict)
    maintenance: list[Maintenance] = field(default_factory=list)
    audit: list[AuditRecord] = field(default_factory=list)  # in order of time
    keys: dict[str, Key] = field(default_factory=dict, repr=False)
    integration_keys: dict[str, str] = field(default_factory=dict, repr=False)  # of the Events API -> its service
    incidents: dict[str, Incident] = field(default_factory=dict)
    subscriptions: dict[str, Subscription] = field(default_factory=dict)

    def active_users(self) -> Iterator[User]:
        return (user for user in self.users.values() if user.active)

    def user(self, who: str) -> User | None:
        """By id, e-mail address or name."""
        named = who.casefold()
        return next(
            (u for u in self.users.values() if named in (u.id.casefold(), u.email.casefold(), u.name.casefold())), None
        )

    def user_of_email(self, email: str) -> User | None:
        return next((u for u in self.active_users() if u.email.casefold() == email.strip().casefold()), None)

    def incident(self, reference: str) -> Incident | None:
        """By id or number."""
        found = self.incidents.get(reference)
        if found is None and reference.isdecimal():
            return next((i for i in self.incidents.values() if i.number == int(reference)), None)
        return found

    def priority(self, reference: str) -> Priority | None:
        """By id or name; of several with one name, the most severe."""
        return next((p for p in self.priorities.values() if reference in (p.id, p.name)), None)

    def schedule(self, schedule_id: str) -> AnySchedule | None:
        """Of either kind."""
        return self.schedules.get(schedule_id) or self.shift_schedules.get(schedule_id)

    def services_of(self, policy_id: str) -> Iterator[Service]:
        return (service for service in self.services.values() if service.policy_id == policy_id)

    def policies_with(self, schedule_id: str) -> list[Policy]:
        """Those that name the schedule on one of their levels."""
        named = Target(schedule_id, "schedule")
        return [one for one in self.policies.values() if any(named in level.targets for level in one.levels)]

    def teams_of(self, user_id: str) -> Iterator[Team]:
        return (team for team in self.teams.values() if user_id in team.members)

    def incident_teams(self, incident: Incident) -> tuple[str, ...]:
        """An incident belongs to whom its service belongs to."""
        return self.services[incident.service_id].team_ids

    def open_states(self) -> dict[str, set[str]]:
        """Of each service with open incidents, which states they are in."""
        states: dict[str, set[str]] = {}
        for it in self.incidents.values():
            if it.is_open:
                states.setdefault(it.service_id, set()).add(it.status)
        return states

    def open_with_key(self, service_id: str, incident_key: str) -> Incident | None:
        same = (i for i in self.incidents.values() if i.service_id == service_id and i.incident_key == incident_key)
        return next((i for i in same if i.is_open), None)
