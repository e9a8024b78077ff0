"""REST v2 for incidents: list, open, read, update, merge, snooze, alerts, status updates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from syncd.simulator import events, incidents, render
from syncd.simulator.account import Account, Incident
from syncd.simulator.asked import Answer, Asked, Json, answer
from syncd.simulator.callers import Caller, agent_of
from syncd.simulator.paging import page, window
from syncd.simulator.refusals import Refused, invalid, not_found
from syncd.simulator.statuses import STATUSES, refuse_status, set_status
from syncd.simulator.world import World

MOST_IN_BULK = 250
SORTS: dict[str, Callable[[Incident], object]] = {
    "incident_number": lambda it: it.number,
    "created_at": lambda it: it.created_at,
    "resolved_at": lambda it: it.resolved_at.timestamp() if it.resolved_at else 0.0,
    "urgency": lambda it: it.urgency,
}


def find(caller: Caller) -> Incident:
    account = caller.world.account
    found = account.incident(caller.path["id"])
    if found is None or not caller.sight.sees(account.incident_teams(found)):
        raise not_found()
    return found


def index(caller: Caller) -> Answer:
    world, asked = caller.world, caller.asked
    wanted, owned = _filter(asked, world.now()), _owned(caller)
    found = [it for it in world.account.incidents.values() if wanted(it) and (owned is None or it.service_id in owned)]
    ordered = _sorted(found, asked.one("sort_by"))
    return answer(200, page(asked, world.switches, "incidents", ordered, lambda it: render.incident(world.account, it)))


def _owned(caller: Caller) -> set[str] | None:
    """Services whose incidents the caller may see and asked for; None: all of them."""
    teams, sight = set(caller.asked.many("team_ids")), caller.sight
    if not teams and sight.is_whole:
        return None
    services = caller.world.account.services.values()
    return {it.id for it in services if sight.sees(it.team_ids) and (not teams or teams & set(it.team_ids))}


def _filter(asked: Asked, now: datetime) -> Callable[[Incident], bool]:
    statuses, services = asked.many("statuses"), asked.many("service_ids")
    users, urgencies, key = asked.many("user_ids"), asked.many("urgencies"), asked.one("incident_key")
    between = window(asked, now)
    if strange := set(statuses) - set(STATUSES):
        raise invalid(f"Invalid status provided: {', '.join(sorted(strange))}")

    def wanted(it: Incident) -> bool:
        if key == "":  # An empty key is no key: it finds every open incident.
            return it.is_open
        return (
            (not statuses or it.status in statuses)
            and (not services or it.service_id in services)
            and (not urgencies or it.urgency in urgencies)
            and (not users or (it.is_open and any(who in users for who in it.assigned)))
            and (key is None or it.incident_key == key)
            and (between is None or between[0] <= it.created_at <= between[1])
        )

    return wanted


def _sorted(found: list[Incident], sort_by: str | None) -> list[Incident]:
    if not sort_by:
        return found
    chosen = [part.partition(":") for part in sort_by.split(",")]
    if len(chosen) > 2 or any(name not in SORTS for name, _, _ in chosen):
        raise invalid(f"sort_by takes at most two of {', '.join(SORTS)}.")
    for name, _, direction in reversed(chosen):
        found = sorted(found, key=SORTS[name], reverse=direction == "desc")  # type: ignore[arg-type]  # each row of SORTS gives one comparable kind
    return found


def create(caller: Caller) -> Answer:
    world, account = caller.world, caller.world.account
    agent = agent_of(caller)
    data = _part(caller.body, "incident")
    incident = incidents.open_incident(world, _opening(world, data), agent)
    if agent is not None and agent["id"] in _assignees(account, data):
        set_status(world, incident, "acknowledged", agent)
    return answer(201, {"incident": render.incident(account, incident)})


def _opening(world: World, data: Json) -> incidents.Opening:
    account = world.account
    title, service_id = data.get("title"), _id(data.get("service"))
    if not isinstance(title, str) or not title.strip():
        raise invalid("Title cannot be empty.")
    if service_id not in account.services:
        raise Refused(400, 2001, "Service not found.")
    details = (data.get("body") or {}).get("details")
    if details is not None and not isinstance(details, str):
        raise invalid("Body details must be a string.")
    return incidents.Opening(
        title=title,
        service_id=service_id,
        incident_key=data.get("incident_key") or None,
        details=details,
        priority_id=_priority(world, data["priority"]) if data.get("priority") is not None else None,
        urgency=_urgency(data.get("urgency", "high")),
        assigned=tuple(_assignees(account, data)),
        incident_type=(data.get("incident_type") or {}).get("name", "incident_default"),
        bridge=data.get("conference_bridge"),
        policy_id=_policy(account, data),
    )


def show(caller: Caller) -> Answer:
    return answer(200, {"incident": render.incident(caller.world.account, find(caller))})


def update(caller: Caller) -> Answer:
    incident = find(caller)
    agent = agent_of(caller)
    _check_and_apply(caller.world, [(incident, _part(caller.body, "incident"))], agent)
    return answer(200, {"incident": render.incident(caller.world.account, incident)})


def update_many(caller: Caller) -> Answer:
    world, account = caller.world, caller.world.account
    agent = agent_of(caller)
    parts = caller.body.get("incidents")
    if not isinstance(parts, list) or not parts:
        raise invalid("Incidents must be a list.")
    if len(parts) > MOST_IN_BULK:
        raise Refused(413, 2001, f"At most {MOST_IN_BULK} incidents can be updated at once")
    pairs = [(account.incident(str(part.get("id"))), part) for part in parts]
    found = [(incident, part) for incident, part in pairs if incident is not None]
    if len(found) != len(pairs):
        raise Refused(400, 1004)
    _check_and_apply(world, found, agent)
    changed = [incident for incident, _ in found]
    shown = page(caller.asked, world.switches, "incidents", changed, lambda it: render.incident(account, it))
    return answer(200, shown)


@dataclass(frozen=True, slots=True)
class _Change:
    """One checked field, ready to be applied."""

    apply: Callable[[], None]


def _check_and_apply(world: World, parts: list[tuple[Incident, Json]], agent: Json | None) -> None:
    """Everything is checked before anything is changed."""
    changes = [change for incident, part in parts for change in _changes(world, incident, part, agent)]
    for change in changes:
        change.apply()


def _changes(world: World, incident: Incident, part: Json, agent: Json | None) -> list[_Change]:
    changes: list[_Change] = []
    if (title := part.get("title")) is not None:
        changes.append(_Change(lambda: incidents.set_title(world, incident, str(title), agent)))
    if part.get("urgency") is not None:
        urgency = _urgency(part["urgency"])
        changes.append(_Change(lambda: incidents.set_urgency(world, incident, urgency, agent)))
    if "priority" in part and (part["priority"] is not None or world.switches.null_priority_clears):
        chosen = None if part["priority"] is None else _priority(world, part["priority"])
        changes.append(_Change(lambda: incidents.set_priority(world, incident, chosen, agent)))
    if part.get("assignments"):
        users = _assignees(world.account, part)
        changes.append(_Change(lambda: incidents.reassign(world, incident, users, agent)))
    if "conference_bridge" in part:
        bridge = part["conference_bridge"]
        changes.append(_Change(lambda: incidents.set_bridge(world, incident, bridge, agent)))
    if (service_id := _id(part.get("service"))) in world.account.services:
        changes.append(_Change(lambda: incidents.move_to_service(world, incident, service_id, agent)))
    if (status := part.get("status")) is not None:
        refuse_status(world, incident, status)
        resolution = part.get("resolution")
        changes.append(_Change(lambda: set_status(world, incident, status, agent, resolution)))
    return changes


def merge(caller: Caller) -> Answer:
    account, target = caller.world.account, find(caller)
    agent = agent_of(caller)
    given = caller.body.get("source_incidents")
    sources = [account.incident(_id(each)) for each in given] if isinstance(given, list) else []
    found = [each for each in sources if each is not None]
    if not found or len(found) != len(sources) or target in found:
        raise Refused(400, 2002, "Source incidents are not valid")
    incidents.merge(caller.world, target, found, agent)
    return answer(200, {"incident": render.incident_reference(account, target)})


def snooze(caller: Caller) -> Answer:
    incident, agent = find(caller), agent_of(caller)
    duration = caller.body.get("duration")
    incidents.snooze(caller.world, incident, duration if isinstance(duration, int) else 0, agent)
    return answer(201, {"incident": render.incident(caller.world.account, incident)})


def alerts(caller: Caller) -> Answer:
    find(caller)
    nothing: list[Json] = []
    return answer(200, page(caller.asked, caller.world.switches, "alerts", nothing, lambda it: it))


def status_update(caller: Caller) -> Answer:
    world, incident, agent = caller.world, find(caller), agent_of(caller)
    message = caller.body.get("message")
    if not isinstance(message, str) or not message:
        raise invalid("Message cannot be empty.")
    update_id = world.ids.record()
    world.revision += 1
    data = events.status_update_data(world.account, incident, update_id, message)
    incidents.tell_data(world, "incident.status_update_published", incident, data, agent)
    shown = {"id": update_id, "message": message, "created_at": render.seconds(world.now()), "sender": agent}
    return answer(world.switches.post_status, {"status_update": shown})


def _part(body: Json, name: str) -> Json:
    part = body.get(name)
    if not isinstance(part, dict):
        raise Refused(400, 2003, f"{name.capitalize()} must be an object")
    return part


def _id(value: object) -> str:
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def _priority(world: World, value: object) -> str:
    """An object with an id, or a name, of which the most severe match wins."""
    if not world.switches.has_priorities:
        raise Refused(402, 2014)
    wanted = value if isinstance(value, str) else _id(value)
    if not wanted:
        raise invalid("Priority id cannot be empty")
    found = world.account.priority(wanted)
    if found is None:
        raise Refused(400, 1020)
    return found.id


def _urgency(value: object) -> str:
    if value not in ("high", "low"):
        raise invalid("Urgency must be high or low.")
    return str(value)


def _policy(account: Account, data: Json) -> str:
    """One of the account, and not beside assignments. What PagerDuty answers to another nobody has published: a guess."""
    if data.get("escalation_policy") is None:
        return ""
    if data.get("assignments"):
        raise invalid("Assignments and escalation policy cannot be given together.")
    policy_id = _id(data["escalation_policy"])
    if policy_id not in account.policies:
        raise Refused(400, 2001, "Escalation policy not found.")
    return str(policy_id)


def _assignees(account: Account, data: Json) -> list[str]:
    given = [_id(each.get("assignee")) for each in data.get("assignments") or []]
    if any(who not in account.users for who in given):
        raise Refused(400, 1007)
    return given
