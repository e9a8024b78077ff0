"""Webhooks v3 read into hints. Whatever may be missing is taken as missing; types we do not act on stay foreign."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from syncd.core.changes import Actor, Field, FieldSeen, Note, NoteSeen, Seen, Status
from syncd.errors import Unreadable
from syncd.systems.document import NotADocument, pick, pick_name, pick_text, pick_time
from syncd.systems.document import parse as parse_json
from syncd.systems.port import Glance, Hint

from .vocabulary import STATUSES, actor, merged_into, note_as_seen

_STATUS_OF = {
    "incident.triggered": Status.OPEN,
    "incident.acknowledged": Status.ACKNOWLEDGED,
    "incident.unacknowledged": Status.OPEN,
    "incident.resolved": Status.RESOLVED,
    "incident.reopened": Status.OPEN,
}
ACTED_UPON = (*_STATUS_OF, "incident.priority_updated", "incident.annotated")  # what a subscription must ask for
_PING = "pagey.ping"
_LOOK = "syncd.look"  # not PagerDuty's: how we tell ourselves to read an incident again


def glance(body: bytes) -> Glance:
    """Runs before the answer, so it looks at the envelope alone."""
    try:
        event = _event(body)
    except Unreadable:
        return Glance(_raw_key(body))
    kind, key = pick_name(event, "event_type"), pick_name(event, "id")
    key = _raw_key(body) or "" if "\ufffd" in key else key
    return Glance(key or None, kind, _ref(event.get("data"), kind), is_ping=kind == _PING)


def _raw_key(body: bytes) -> str | None:
    """Read without cleaning, lest two ids become one; what cannot be followed may still have a name."""
    try:
        return pick_name(json.loads(body), "event", "id") or None
    except (ValueError, RecursionError):
        return None


def thin(ref: str) -> bytes:
    return json.dumps({"event": {"event_type": _LOOK, "data": {"type": "incident", "id": ref}}}).encode()


def parse(body: bytes, our_user_id: str) -> Hint:
    event = _event(body)
    kind = pick_name(event, "event_type")
    if not kind:
        raise Unreadable("The webhook names no event type; PagerDuty's always do.")
    if kind == _PING:
        return Hint(kind, is_ping=True, occurred_at=pick_time(event, "occurred_at"))
    if kind == _LOOK:
        return Hint(kind, pick_name(event, "data", "id"), is_thin=True)
    hint = _Reading(event, kind, our_user_id).hint()
    if kind in ACTED_UPON and not hint.ref:
        raise Unreadable(f"The {kind} webhook names no incident, so it cannot be followed.")
    return hint


def _event(body: bytes) -> Mapping[str, object]:
    try:
        event = pick(parse_json(body.decode()), "event")
    except UnicodeDecodeError as error:
        raise Unreadable("The webhook's body is not UTF-8 text.") from error
    except NotADocument as error:
        raise Unreadable(f"The webhook's body cannot be read: {error}") from error
    if not isinstance(event, dict):
        raise Unreadable("The webhook's body holds no event; PagerDuty's v3 webhooks do.")
    return event


def _ref(data: object, kind: str) -> str:
    """The incident itself, or the incident it is about."""
    if pick_text(data, "type") == "incident":
        return pick_name(data, "id")
    return pick_name(data, "incident", "id") or (pick_name(data, "id") if kind in _STATUS_OF else "")


class _Reading:
    """One event while it is being read."""

    def __init__(self, event: Mapping[str, object], kind: str, our_user_id: str) -> None:
        self.kind = kind
        self.data: object = event.get("data")
        self.by: Actor = actor(event.get("agent"), our_user_id)
        self.at: datetime | None = pick_time(event, "occurred_at")

    def hint(self) -> Hint:
        seen = self._seen()
        return Hint(
            self.kind,
            ref=_ref(self.data, self.kind),
            seen=seen,
            occurred_at=self.at,
            is_thin=self.kind in ACTED_UPON and not seen,
            incident_key=pick_name(self.data, "incident_key"),
        )

    def _seen(self) -> tuple[Seen, ...]:
        if self.kind == "incident.triggered":
            return (self._status(), self._priority())
        if self.kind in _STATUS_OF:
            return (self._status(),)
        reader: Callable[[], Seen | None] | None = {
            "incident.priority_updated": self._priority,
            "incident.annotated": self._note,
        }.get(self.kind)
        seen = reader() if reader else None
        return () if seen is None else (seen,)

    def _status(self) -> FieldSeen:
        status = STATUSES.get(pick_text(self.data, "status"), _STATUS_OF[self.kind])
        into = merged_into(self.data) if status is Status.RESOLVED else ""
        if into:
            return FieldSeen(Field.MERGED_INTO, into, self.by, self.at)
        return FieldSeen(Field.STATUS, status, self.by, self.at, is_reopening=self.kind == "incident.reopened")

    def _priority(self) -> FieldSeen:
        value, name = pick_name(self.data, "priority", "id"), pick_text(self.data, "priority", "summary")
        return FieldSeen(Field.PRIORITY, value, self.by, self.at, name=name)

    def _note(self) -> Seen | None:
        """None without an id: a note that cannot be told from another is only a reason to look."""
        note_id, content = pick_name(self.data, "id"), pick(self.data, "content")
        if not note_id:
            return None
        if not isinstance(content, str) or pick(self.data, "trimmed") is True:
            return NoteSeen(note_id, content if isinstance(content, str) else "", self.by, self.at, is_trimmed=True)
        return note_as_seen(Note(note_id, content, self.by.name, self.by.is_us, self.at, self.by.id))
