"""The three statuses of an incident and what moves it between them, with the switches of the undocumented cases."""

from __future__ import annotations

from syncd.simulator import events, render
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json
from syncd.simulator.notes import annotate
from syncd.simulator.oncall import on_call
from syncd.simulator.refusals import Refused
from syncd.simulator.world import World, record

STATUSES = ("triggered", "acknowledged", "resolved")


def refuse_status(world: World, incident: Incident, status: str) -> None:
    """Raise when PagerDuty would refuse this status, before anything else of the request is applied."""
    switches = world.switches
    if status not in STATUSES:
        raise Refused(400, 1003)
    if incident.status == "resolved" and status != "resolved" and not switches.reopens:
        raise Refused(400, switches.legacy_reopen_code, "Incident Already Resolved")
    if incident.merged_into and status != "resolved":
        raise Refused(400, 1019)
    if incident.status == status == "resolved" and switches.resolve_resolved == "refuse":
        raise Refused(400, 1001)
    if incident.status == status == "acknowledged" and switches.acknowledge_acknowledged == "refuse":
        raise Refused(400, 1002)


def set_status(
    world: World, incident: Incident, status: str, agent: Json | None, resolution: str | None = None
) -> None:
    """What a REST write does; people act through the functions below."""
    if status == "resolved":
        _resolve_by_rest(world, incident, agent, resolution)
    elif incident.status == "resolved":
        reopen(world, incident, agent, status)
    elif status == "acknowledged":
        acknowledge(world, incident, agent)
    elif incident.status == "acknowledged" and world.switches.rest_unacknowledges:
        unacknowledge(world, incident, agent)


def _resolve_by_rest(world: World, incident: Incident, agent: Json | None, resolution: str | None) -> None:
    kept = resolution if world.switches.keeps_resolution else None
    if incident.status == "resolved":
        return
    resolve(world, incident, agent, note=kept)
    if kept and world.switches.resolution_annotates:
        annotate(world, incident, kept, agent)


def _changed(world: World, incident: Incident, status: str, agent: Json | None, event_type: str) -> None:
    incident.status = status
    incident.last_status_change_at = world.now()
    incident.last_status_change_by = agent
    data = events.incident_data(world.account, incident)
    world.announce(event_type, data, agent=agent, resource=incident.id, service_id=incident.service_id)


def acknowledge(world: World, incident: Incident, agent: Json | None) -> None:
    """A second acknowledgement counts as well: it restarts the timer and joins the list."""
    who = _user_id(agent)
    if who is not None:
        incident.acknowledged_by.append((who, world.now()))
    incident.snoozed_until = None
    timeout = world.account.services[incident.service_id].ack_timeout_s
    record(world, incident, "acknowledge", agent, more={"acknowledgement_timeout": timeout})
    _changed(world, incident, "acknowledged", agent, "incident.acknowledged")


def unacknowledge(world: World, incident: Incident, agent: Json | None) -> None:
    incident.acknowledged_by.clear()
    incident.snoozed_until = None
    channel = None if agent else {"type": "timeout", "summary": "Unacknowledged by timeout"}
    record(world, incident, "unacknowledge", agent, channel=channel)
    _changed(world, incident, "triggered", agent, "incident.unacknowledged")


def resolve(world: World, incident: Incident, agent: Json | None, note: str | None = None) -> None:
    """A note given here lives in the log entry only."""
    incident.resolved_at = world.now()
    incident.assigned = []
    incident.acknowledged_by.clear()
    incident.snoozed_until = None
    is_by_time = agent is None and incident.merged_into is None
    channel = {"type": "timeout", "summary": "Resolved by timeout"} if is_by_time else None
    record(world, incident, "resolve", agent, note=note, channel=channel)
    _changed(world, incident, "resolved", agent, "incident.resolved")


def reopen(world: World, incident: Incident, agent: Json | None, status: str = "triggered") -> None:
    """To acknowledged it goes to whoever asked, to triggered to whoever is on call."""
    now, who = world.now(), _user_id(agent)
    incident.resolved_at = None
    incident.reopened_at = now
    ready = on_call(world, incident.service_id)[:1]
    acknowledged = status == "acknowledged"
    incident.assigned = [who] if acknowledged and who else list(ready)
    incident.acknowledged_by = [(who, now)] if acknowledged and who else []
    record(world, incident, "acknowledge" if acknowledged else "trigger", agent)
    _changed(world, incident, status, agent, "incident.reopened")
    if acknowledged and world.switches.acknowledged_after_reopen:
        _changed(world, incident, status, agent, "incident.acknowledged")


def timeout_agent(world: World, incident: Incident) -> Json | None:
    """Who unacknowledges when time runs out: nobody, or the service, by switch."""
    if world.switches.timeout_agent == "service":
        return render.service_reference(world.account, incident.service_id)
    return None


def _user_id(agent: Json | None) -> str | None:
    if agent is None or agent.get("type") != "user_reference":
        return None
    return str(agent["id"])
