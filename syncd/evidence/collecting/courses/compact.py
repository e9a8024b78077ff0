"""An incident with its log as JSON, to be kept and read again: only what facts have of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from syncd.evidence.facts.incidents import Actor, Entry, Incident, LogEntry


def to_json(one: Incident) -> dict[str, Any]:
    return {
        "id": one.id,
        "number": one.number,
        "created_at": one.created_at.isoformat(),
        "status": one.status,
        "service": one.service,
        "urgency": one.urgency,
        "priority": one.priority,
        "teams": list(one.teams),
        "is_merged": one.is_merged,
        "log": None if one.log is None else [_entry(entry) for entry in one.log],
    }


def _entry(one: LogEntry) -> list[Any]:
    return [one.id, one.at.isoformat(), one.what, one.actor, one.user, one.has_note]


def from_json(kept: Mapping[str, Any]) -> Incident:
    log = kept["log"]
    values = {name: value for name, value in kept.items() if name not in {"created_at", "teams", "log"}}
    return Incident(
        **values,
        created_at=datetime.fromisoformat(kept["created_at"]),
        teams=tuple(kept["teams"]),
        log=None if log is None else tuple(map(_of_entry, log)),
    )


def _of_entry(kept: list[Any]) -> LogEntry:
    number, at, what, actor, user, has_note = kept
    return LogEntry(number, datetime.fromisoformat(at), Entry(what), Actor(actor), user, has_note=has_note)
