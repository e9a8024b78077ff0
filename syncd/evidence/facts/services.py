"""A service, as `GET /services` gives it: who is called for it, whose it is, and when an incident of it runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .reading import Json, ids, mapping, moment_or_none, reference, text, text_or, whole

ACTIVE = ("active", "warning", "critical")  # what opens incidents
AWAY = ("maintenance", "disabled")


@dataclass(frozen=True, slots=True)
class SupportHours:
    zone: str
    days: tuple[int, ...]  # 1 is Monday
    start: str  # a wall time, as HH:MM:SS
    end: str


@dataclass(frozen=True, slots=True)
class UrgencyRule:
    """How its incidents get their urgency: one for all, or one within support hours and another outside."""

    is_constant: bool
    urgency: str = ""  # high, low or severity_based
    during: str = ""
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    id: str
    name: str
    status: str
    policy: str | None = ""  # an id; empty: none, or a deleted one; None: not read
    teams: tuple[str, ...] | None = ()
    integrations: int | None = 0
    acknowledgement_s: int | None = 0  # until it is triggered again; 0: never; None: not read
    auto_resolve_s: int | None = 0
    urgency: UrgencyRule | None = None
    support_hours: SupportHours | None = None  # None: it has none
    created_at: datetime | None = None

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


def service_of(given: Json) -> Service:
    integrations, hours = ids(given, "integrations"), given.get("support_hours")
    return Service(
        id=text(given, "id"),
        name=text_or(given, "name", text_or(given, "summary", text(given, "id"))),
        status=text(given, "status"),
        policy=reference(given, "escalation_policy"),
        teams=ids(given, "teams"),
        integrations=None if integrations is None else len(integrations),
        acknowledgement_s=_seconds(given, "acknowledgement_timeout"),
        auto_resolve_s=_seconds(given, "auto_resolve_timeout"),
        urgency=_urgency(given),
        support_hours=None if hours is None else _hours(mapping(hours, "support_hours")),
        created_at=moment_or_none(given, "created_at"),
    )


def _seconds(given: Json, key: str) -> int | None:
    """`null` is PagerDuty's word for "never"."""
    if key not in given:
        return None
    return 0 if given[key] is None else whole(given, key)


def _urgency(given: Json) -> UrgencyRule | None:
    if given.get("incident_urgency_rule") is None:
        return None
    rule = mapping(given["incident_urgency_rule"], "incident_urgency_rule")
    if text(rule, "type") == "constant":
        return UrgencyRule(is_constant=True, urgency=text(rule, "urgency"))
    during, outside = (_within(rule, key) for key in ("during_support_hours", "outside_support_hours"))
    return UrgencyRule(is_constant=False, during=during, outside=outside)


def _within(rule: Json, key: str) -> str:
    return "" if rule.get(key) is None else text(mapping(rule[key], key), "urgency")


def _hours(given: Json) -> SupportHours:
    days = given.get("days_of_week")
    listed = days if isinstance(days, list) else []
    return SupportHours(
        zone=text(given, "time_zone"),
        days=tuple(one for one in listed if isinstance(one, int)),
        start=text(given, "start_time"),
        end=text(given, "end_time"),
    )
