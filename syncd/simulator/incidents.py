"""What can happen to an incident besides its status: it opens, its fields change, it is merged or snoozed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from syncd.simulator import events, render
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json
from syncd.simulator.oncall import AN_INSTANT, duties, on_call_by
from syncd.simulator.refusals import Refused
from syncd.simulator.statuses import resolve, timeout_agent, unacknowledge
from syncd.simulator.world import World, record

DUPLICATE_KEY = "Open incident with matching dedup key already exists on this service"
LONGEST_SNOOZE_S = 604_800


@dataclass(frozen=True, slots=True)
class Opening:
    title: str
    service_id: str
    incident_key: str | None = None
    details: str | None = None
    priority_id: str | None = None
    urgency: str = "high"
    assigned: tuple[str, ...] = ()
    from_events: bool = False
    incident_type: str = "incident_default"
    bridge: Json | None = None
    policy_id: str = ""  # empty: the service's


def open_incident(world: World, opening: Opening, agent: Json | None) -> Incident:
    account, now = world.account, world.now()
    if opening.incident_key and account.open_with_key(opening.service_id, opening.incident_key):
        raise Refused(400, 2002, DUPLICATE_KEY)
    policy_id = opening.policy_id or account.services[opening.service_id].policy_id
    ready = on_call_by(world, policy_id)
    if not (ready or opening.assigned):
        raise Refused(400, 1015)
    incident = Incident(
        id=world.ids.incident(),
        number=len(account.incidents) + 1,
        title=opening.title,
        service_id=opening.service_id,
        policy_id=policy_id,
        incident_key=opening.incident_key or world.ids.hexadecimal(),
        created_at=now,
        updated_at=now,
        last_status_change_at=now,
        last_status_change_by=agent,
        urgency=opening.urgency,
        details=opening.details,
        priority_id=opening.priority_id,
        from_events=opening.from_events,
        incident_type=opening.incident_type,
        bridge=opening.bridge,
        assigned=list(opening.assigned or ready[:1]),
    )
    account.incidents[incident.id] = incident
    channel = {"type": "web_trigger", "summary": opening.title, "details": opening.details}
    record(world, incident, "trigger", agent, channel=channel)
    tell(world, "incident.triggered", incident, agent)
    return incident


def tell(world: World, event_type: str, incident: Incident, agent: Json | None) -> None:
    tell_data(world, event_type, incident, events.incident_data(world.account, incident), agent)


def tell_data(
    world: World, event_type: str, incident: Incident, data: Json, agent: Json | None, *, is_forged: bool = False
) -> None:
    world.announce(
        event_type,
        data,
        agent=agent,
        resource=incident.id,
        service_id=incident.service_id,
        is_forged=is_forged,
    )


def set_priority(world: World, incident: Incident, priority_id: str | None, agent: Json | None) -> None:
    if incident.priority_id == priority_id:
        return
    incident.priority_id = priority_id
    record(world, incident, "field_value_change", agent)
    tell(world, "incident.priority_updated", incident, agent)


def set_title(world: World, incident: Incident, title: str, agent: Json | None) -> None:
    """Nothing announces a new title: only polling finds it."""
    if incident.title != title:
        incident.title = title
        record(world, incident, "field_value_change", agent)


def set_urgency(world: World, incident: Incident, urgency: str, agent: Json | None) -> None:
    if incident.urgency == urgency:
        return
    raised = urgency == "high"
    incident.urgency = urgency
    record(world, incident, "urgency_change", agent)
    if raised and incident.status == "acknowledged":
        unacknowledge(world, incident, agent)


def set_bridge(world: World, incident: Incident, bridge: Json | None, agent: Json | None) -> None:
    if incident.bridge != bridge:
        incident.bridge = bridge
        record(world, incident, "field_value_change", agent)
        tell_data(
            world, "incident.conference_bridge.updated", incident, events.bridge_data(world.account, incident), agent
        )


def reassign(world: World, incident: Incident, users: list[str], agent: Json | None) -> None:
    if incident.assigned != users:
        incident.assigned = users
        record(world, incident, "assign", agent, more=_assignees(world, incident))
        tell(world, "incident.reassigned", incident, agent)


def _assignees(world: World, incident: Incident) -> Json:
    return {"assignees": render.assigned_references(world.account, incident)}


def escalate(world: World, incident: Incident, agent: Json | None) -> None:
    """To the next level of its policy that has somebody on call; after the last one to the first again."""
    now = world.now()
    found = duties(world, [world.account.policies[incident.policy_id]], now, now + AN_INSTANT)
    there = sorted({duty.level for duty in found})
    if not there:
        raise Refused(400, 1015)
    incident.level = next((level for level in there if level > incident.level), there[0])
    incident.assigned = list(dict.fromkeys(duty.user_id for duty in found if duty.level == incident.level))
    record(world, incident, "escalate", agent, channel=_by_time(agent), more=_assignees(world, incident))
    tell(world, "incident.escalated", incident, agent)


def _by_time(agent: Json | None) -> Json | None:
    return None if agent else {"type": "timeout", "summary": "Escalated by timeout"}


def delegate(world: World, incident: Incident, policy_id: str, agent: Json | None) -> None:
    """To another policy, and to whoever is on call by it."""
    ready = on_call_by(world, policy_id)
    if not ready:
        raise Refused(400, 1015)
    incident.policy_id, incident.level, incident.assigned = policy_id, 1, list(ready)
    record(world, incident, "delegate", agent, more=_assignees(world, incident))
    tell(world, "incident.delegated", incident, agent)


def notify(world: World, incident: Incident, user_id: str) -> None:
    """Somebody is told of it; no webhook says so."""
    user = render.user_reference(world.account, world.account.users[user_id])
    channel = {"type": "auto", "notification": {"type": "push_notification", "address": None, "status": "success"}}
    more = {"user": user}
    record(
        world,
        incident,
        "notify",
        render.service_reference(world.account, incident.service_id),
        channel=channel,
        more=more,
    )


def move_to_service(world: World, incident: Incident, service_id: str, agent: Json | None) -> None:
    if incident.service_id != service_id:
        incident.service_id = service_id
        record(world, incident, "field_value_change", agent)
        tell(world, "incident.service_updated", incident, agent)


def merge(world: World, target: Incident, sources: list[Incident], agent: Json | None) -> None:
    if any(source.merged_into for source in [target, *sources]):
        raise Refused(400, 1019)
    if not target.is_open or any(not source.is_open for source in sources):
        raise Refused(400, 2002, "Only open incidents can be merged")
    for source in sources:
        source.merged_into = target.id
        resolve(world, source, agent)
    world.revision += 1


def snooze(world: World, incident: Incident, duration: int, agent: Json | None) -> None:
    if incident.status != "acknowledged":
        raise Refused(400, 1012)
    if not 1 <= duration <= LONGEST_SNOOZE_S:
        raise Refused(400, 1013)
    until = world.now() + timedelta(seconds=duration)
    incident.snoozed_until = until
    changed = {"changed_actions": [{"type": "unacknowledge", "at": render.seconds(until)}]}
    channel = {"type": world.channel, "duration": duration}
    record(world, incident, "snooze", agent, channel=channel, more=changed)

    def wake() -> None:
        if incident.snoozed_until == until and incident.status == "acknowledged":
            unacknowledge(world, incident, timeout_agent(world, incident))

    world.later.add(until, wake)
