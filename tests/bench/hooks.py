"""Signed PagerDuty webhooks of about 4 KB, made before the clock starts."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from .load import request

SECRET = "bench-secret-0123456789-bench-secret-0123456789"
SIZE = 4096


def priority_events(incidents: Sequence[str], tag: str, count: int = 0) -> list[bytes]:
    """One for each incident, whose case is at P3: each is a change to be applied. Or `count` of them, in turn."""
    begun = datetime.now(UTC)
    return [
        _event(f"{tag}-{number}", incidents[number % len(incidents)], "P1", begun + timedelta(milliseconds=number))
        for number in range(count or len(incidents))
    ]


def _event(event_id: str, incident: str, priority: str, at: datetime) -> bytes:
    data = {
        "id": incident,
        "type": "incident",
        "status": "triggered",
        "title": "Checkout answers slowly",
        "priority": {"id": priority, "type": "priority_reference", "summary": priority},
    }
    event = {
        "id": event_id,
        "event_type": "incident.priority_updated",
        "resource_type": "incident",
        "occurred_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "agent": {"id": "PPERSON", "type": "user_reference", "summary": "Ben Osei"},
        "client": None,
        "data": data,
    }
    room = SIZE - len(json.dumps({"event": event}))
    data["html_url"] = "https://example.com/" + "x" * max(0, room - 36)
    body = json.dumps({"event": event}).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return request("/hooks/pagerduty", body, {"X-PagerDuty-Signature": f"v1={signature}"})
