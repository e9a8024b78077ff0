"""Who would be paged by an incident of a service, for the person who is asked whether it may be opened."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.systems.document import pick, pick_name, pick_text
from syncd.systems.http import Params, segment

from .asking import Asking


@dataclass(frozen=True, slots=True)
class Paged:
    service: str
    policy: str
    people: tuple[str, ...]  # each with the level at which PagerDuty turns to them
    is_always_loud: bool  # the service makes every incident one of high urgency


def whom(asking: Asking, service_id: str) -> Paged:
    found = pick(asking.send("GET", f"/services/{segment(service_id)}").document(), "service")
    policy = pick_name(found, "escalation_policy", "id")
    wanted: Params = {"escalation_policy_ids[]": [policy], "include[]": ["users"], "limit": 100}
    calls = asking.listed("/oncalls", "oncalls", wanted) if policy else []
    people = sorted({(_level(one), _name(one)) for one in calls})
    return Paged(
        service=pick_text(found, "name"),
        policy=pick_text(found, "escalation_policy", "summary"),
        people=tuple(f"{name} (level {level})" for level, name in people),
        is_always_loud=_is_always_loud(found),
    )


def _level(call: object) -> int:
    level = pick(call, "escalation_level")
    return level if isinstance(level, int) else 1


def _name(call: object) -> str:
    return pick_text(call, "user", "name") or pick_text(call, "user", "summary") or pick_name(call, "user", "id")


def _is_always_loud(service: object) -> bool:
    rule = ("incident_urgency_rule",)
    return pick_text(service, *rule, "type") == "constant" and pick_text(service, *rule, "urgency") == "high"
