"""How records look in REST answers. Webhooks have shapes of their own, in events.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from syncd.simulator.account import Account, Incident, LogEntry, Note, Priority, Subscription, User
from syncd.simulator.asked import Json

REDACTED = "-- redacted --"


def seconds(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_seconds(at: datetime | None) -> str | None:
    return None if at is None else seconds(at)


def reference(account: Account, kind: str, record_id: str, summary: str | None) -> Json:
    """`kind` in the singular, as in its type: user, service, incident, escalation_policy."""
    plural = {"priority": "priorities", "escalation_policy": "escalation_policies"}.get(kind, f"{kind}s")
    page = "account/incident_priorities" if kind == "priority" else f"{plural}/{record_id}"
    return {
        "id": record_id,
        "type": f"{kind}_reference",
        "summary": summary,
        "self": f"{account.api_url}/{plural}/{record_id}",
        "html_url": f"{account.web_url}/{page}",
    }


def user_reference(account: Account, user: User) -> Json:
    return reference(account, "user", user.id, user.name)


def service_reference(account: Account, service_id: str) -> Json:
    return reference(account, "service", service_id, account.services[service_id].name)


def policy_reference(account: Account, policy_id: str) -> Json:
    """A policy that was deleted leaves a reference without a name."""
    found = account.policies.get(policy_id)
    return reference(account, "escalation_policy", policy_id, found.name if found else None)


def team_references(account: Account, team_ids: Iterable[str]) -> list[Json]:
    return [reference(account, "team", one, account.teams[one].name) for one in team_ids]


def incident_reference(account: Account, incident: Incident) -> Json:
    return reference(account, "incident", incident.id, f"[#{incident.number}] {incident.title}")


def assigned_references(account: Account, incident: Incident) -> list[Json]:
    return [user_reference(account, account.users[who]) for who in incident.assigned]


def resolve_reason(account: Account, incident: Incident) -> Json | None:
    if incident.merged_into is None:
        return None
    target = account.incidents[incident.merged_into]
    return {"type": "merge_resolve_reason", "incident": incident_reference(account, target)}


def whole(account: Account, kind: str, record_id: str, summary: str) -> Json:
    return {**reference(account, kind, record_id, summary), "type": kind}


def incident(account: Account, it: Incident) -> Json:
    assigned = assigned_references(account, it)
    trigger = it.log[0]
    return {
        **_given(it),
        **whole(account, "incident", it.id, f"[#{it.number}] {it.title}"),
        "incident_number": it.number,
        "title": it.title,
        "description": it.title,
        "created_at": seconds(it.created_at),
        "updated_at": seconds(it.updated_at),
        "status": it.status,
        "incident_key": it.incident_key,
        "service": service_reference(account, it.service_id),
        "assignments": [{"at": seconds(it.last_status_change_at), "assignee": who} for who in assigned],
        "assigned_via": "escalation_policy",
        "last_status_change_at": seconds(it.last_status_change_at),
        "last_status_change_by": it.last_status_change_by or service_reference(account, it.service_id),
        "resolved_at": maybe_seconds(it.resolved_at),
        "first_trigger_log_entry": _entry_reference(account, it, trigger),
        "alert_counts": {"all": 0, "triggered": 0, "resolved": 0},
        "is_mergeable": True,
        "incident_type": {"name": it.incident_type},
        "escalation_policy": policy_reference(account, it.policy_id),
        "teams": team_references(account, account.incident_teams(it)),
        "pending_actions": _pending(it),
        "acknowledgements": _acknowledgements(account, it),
        "alert_grouping": None,
        "priority": None if it.priority_id is None else priority(account, account.priorities[it.priority_id]),
        "resolve_reason": resolve_reason(account, it),
        "urgency": it.urgency,
        "incidents_responders": [],
        "responder_requests": [],
        "subscriber_requests": [],
    }


def _given(it: Incident) -> Json:
    """What is left out when nobody gave it."""
    body = {"body": {"type": "incident_body", "details": it.details}} if it.details is not None else {}
    return {**body, **({"conference_bridge": it.bridge} if it.bridge else {})}


def _pending(it: Incident) -> list[Json]:
    return [] if it.snoozed_until is None else [{"type": "unacknowledge", "at": seconds(it.snoozed_until)}]


def _acknowledgements(account: Account, it: Incident) -> list[Json]:
    return [
        {"at": seconds(at), "acknowledger": user_reference(account, account.users[who])}
        for who, at in it.acknowledged_by
    ]


def _entry_reference(account: Account, it: Incident, entry: LogEntry) -> Json:
    return {
        "id": entry.id,
        "type": f"{entry.type}_reference",
        "summary": _entry_summary(entry),
        "self": f"{account.api_url}/log_entries/{entry.id}",
        "html_url": f"{account.web_url}/incidents/{it.id}/log_entries/{entry.id}",
    }


def _entry_summary(entry: LogEntry) -> str:
    verb = entry.type.removesuffix("_log_entry").replace("_", " ")
    return f"{verb} by {entry.agent['summary']}" if entry.agent else verb


def log_entry(account: Account, it: Incident, entry: LogEntry) -> Json:
    shown = {
        **_entry_reference(account, it, entry),
        "type": entry.type,
        "created_at": seconds(entry.created_at),
        "agent": entry.agent or service_reference(account, it.service_id),
        "channel": entry.channel,
        "service": service_reference(account, it.service_id),
        "incident": incident_reference(account, it),
        "teams": team_references(account, account.incident_teams(it)),
        "contexts": [],
        **(entry.more or {}),
    }
    return shown if entry.note is None else {**shown, "note": entry.note}


def note(it: Note) -> Json:
    return {
        "id": it.id,
        "user": it.agent,
        "channel": {"summary": it.channel},
        "content": it.content,
        "created_at": seconds(it.created_at),
        "updated_at": seconds(it.updated_at),
    }


def priority(account: Account, it: Priority) -> Json:
    return {**whole(account, "priority", it.id, it.name), "name": it.name, "description": it.description}


def subscription(it: Subscription, now: datetime, *, secret: str | None = None) -> Json:
    headers = [{"name": name, "value": REDACTED} for name in it.custom_headers]
    chosen: Json = {"type": it.filter_type}
    if it.filter_id is not None:
        chosen["id"] = it.filter_id
    return {
        "id": it.id,
        "type": "webhook_subscription",
        "active": it.active,
        "delivery_method": {
            "id": it.delivery_id,
            "type": "http_delivery_method",
            "url": it.url,
            "secret": secret,
            "temporarily_disabled": it.is_disabled(now),
            "custom_headers": headers,
        },
        "description": it.description,
        "events": list(it.events),
        "filter": chosen,
    }
