"""Webhook v3 envelopes and the data of each event type, as PagerDuty documents them."""

from __future__ import annotations

from datetime import datetime

from syncd.simulator import render
from syncd.simulator.account import Account, Incident, Service
from syncd.simulator.asked import Json

DATA_TYPES: dict[str, str] = {
    "incident.acknowledged": "incident",
    "incident.delegated": "incident",
    "incident.escalated": "incident",
    "incident.incident_type.changed": "incident",
    "incident.priority_updated": "incident",
    "incident.reassigned": "incident",
    "incident.reopened": "incident",
    "incident.resolved": "incident",
    "incident.service_updated": "incident",
    "incident.triggered": "incident",
    "incident.unacknowledged": "incident",
    "incident.annotated": "incident_note",
    "incident.status_update_published": "incident_status_update",
    "incident.responder.added": "incident_responder",
    "incident.responder.replied": "incident_responder",
    "incident.conference_bridge.updated": "incident_conference_bridge",
    "incident.custom_field_values.updated": "incident_field_values",
    "incident.role.assigned": "incident_role_assignment",
    "incident.task.created": "incident_task",
    "incident.task.updated": "incident_task",
    "incident.task.completed": "incident_task",
    "incident.workflow.started": "incident_workflow_instance",
    "incident.workflow.completed": "incident_workflow_instance",
    "incident.action_invocation.created": "incident_action_invocation",
    "incident.action_invocation.updated": "incident_action_invocation",
    "incident.action_invocation.terminated": "incident_action_invocation",
    "service.created": "service",
    "service.updated": "service",
    "service.deleted": "service",
    "service.custom_field_values.updated": "service_field_values",
}


def milliseconds(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def envelope(event_id: str, event_type: str, at: datetime, data: Json, agent: Json | None, client: Json | None) -> Json:
    return {
        "event": {
            "id": event_id,
            "event_type": event_type,
            "resource_type": event_type.partition(".")[0],
            "occurred_at": milliseconds(at),
            "agent": agent,
            "client": client,
            "data": data,
        }
    }


def _short(reference: Json) -> Json:
    """A reference in the order webhooks of 2026 write it."""
    return {name: reference.get(name) for name in ("id", "type", "self", "html_url", "summary")}


def incident_data(account: Account, it: Incident) -> Json:
    own = render.incident_reference(account, it)
    return {
        "id": it.id,
        "type": "incident",
        "self": own["self"],
        "html_url": own["html_url"],
        "number": it.number,
        "status": it.status,
        "incident_key": None if it.from_events else it.incident_key,
        "created_at": render.seconds(it.created_at),
        "reopened_at": render.maybe_seconds(it.reopened_at),
        "title": it.title,
        "service": _short(render.service_reference(account, it.service_id)),
        "assignees": [_short(who) for who in render.assigned_references(account, it)],
        "escalation_policy": _short(render.policy_reference(account, it.policy_id)),
        "teams": [_short(team) for team in render.team_references(account, account.incident_teams(it))],
        "priority": _priority(account, it),
        "urgency": it.urgency,
        "conference_bridge": it.bridge,
        "resolve_reason": render.resolve_reason(account, it),
        "incident_type": {"name": it.incident_type},
    }


def _priority(account: Account, it: Incident) -> Json | None:
    if it.priority_id is None:
        return None
    return _short(render.reference(account, "priority", it.priority_id, account.priorities[it.priority_id].name))


def _about(account: Account, it: Incident) -> Json:
    return {**_short(render.incident_reference(account, it)), "summary": it.title}


def note_data(account: Account, it: Incident, note_id: str, content: str, trim_at: int) -> Json:
    return {
        "incident": _about(account, it),
        "id": note_id,
        "content": content[:trim_at],
        "trimmed": len(content) > trim_at,
        "type": "incident_note",
    }


def status_update_data(account: Account, it: Incident, update_id: str, message: str) -> Json:
    return {
        "incident": _about(account, it),
        "id": update_id,
        "message": message,
        "trimmed": False,
        "type": "incident_status_update",
    }


def responder_data(account: Account, it: Incident, user_id: str, message: str, state: str) -> Json:
    return {
        "incident": _about(account, it),
        "user": _short(render.user_reference(account, account.users[user_id])),
        "escalation_policy": None,
        "message": message,
        "state": state,
        "type": "incident_responder",
    }


def bridge_data(account: Account, it: Incident) -> Json:
    bridge = it.bridge or {}
    number = bridge.get("conference_number")
    return {
        "incident": _about(account, it),
        "conference_numbers": [{"label": "", "number": number}] if number else None,
        "conference_url": bridge.get("conference_url"),
        "type": "incident_conference_bridge",
    }


def service_data(account: Account, it: Service) -> Json:
    shown = _short(render.service_reference(account, it.id))
    teams = [_short(team) for team in render.team_references(account, it.team_ids)]
    return {**shown, "alert_creation": "create_alerts_and_incidents", "teams": teams, "type": "service"}


def ping_data() -> Json:
    return {"message": "Hello from your friend Pagey!", "type": "ping"}
