"""A case as JSON: what /v1/cases answers, and the event of it that is stored as an arrival, in the form a case desk's hook has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from syncd.core.changes import Verb

from .case_timeline import Case, CaseFile, Event

Json = dict[str, Any]

EVENT_TYPES: Mapping[Verb, str] = {
    Verb.OPEN: "case.opened",
    Verb.ACKNOWLEDGE: "case.acknowledged",
    Verb.UNACKNOWLEDGE: "case.unacknowledged",
    Verb.RESOLVE: "case.resolved",
    Verb.CLOSE: "case.closed",
    Verb.REOPEN: "case.reopened",
    Verb.PRIORITISE: "case.priority_changed",
    Verb.NOTE: "case.commented",
    Verb.RESOLUTION_NOTE: "case.resolution_noted",
    Verb.LINK: "case.linked",
}


def case_as_json(case: Case, site: str) -> Json:
    return {
        "key": case.key,
        "title": case.title,
        "body": case.body,
        "status": str(case.status),
        "priority": case.priority,
        "source": case.source,
        "team": case.team,
        "labels": list(case.labels),
        "resolution_note": case.resolution_note,
        "incident_url": case.incident_url,
        "connector": case.connector,
        "service": case.service,
        "url": f"{site}/cases/{case.key}",
        "version": case.version,
        "created_at": case.created_at.isoformat(timespec="microseconds"),
        "updated_at": case.updated_at.isoformat(timespec="microseconds"),
    }


def file_as_json(file: CaseFile, site: str) -> Json:
    return {
        **case_as_json(file.case, site),
        "comments": [comment_as_json(event) for event in file.comments],
        "timeline": [_line(event) for event in file.timeline],
    }


def event_body(case: Case, event: Event, site: str) -> bytes:
    data: Json = {"case": case_as_json(case, site), "by": event.actor, "connector": case.connector}
    if event.kind is Verb.NOTE:
        data["comment"] = {"id": str(event.id), "text": event.text, "author": event.actor}
    at = event.at.isoformat(timespec="microseconds")
    return json.dumps({"type": EVENT_TYPES[event.kind], "timestamp": at, "data": data}).encode()


def _line(event: Event) -> Json:
    return {
        "id": str(event.id),
        "at": event.at.isoformat(timespec="microseconds"),
        "kind": str(event.kind),
        "value": event.value,
        "text": event.text,
        "by": event.actor,
        "via": event.via,
    }


def comment_as_json(event: Event) -> Json:
    at = event.at.isoformat(timespec="microseconds")
    return {"id": str(event.id), "text": event.text, "author": event.actor, "at": at, "via": event.via}
