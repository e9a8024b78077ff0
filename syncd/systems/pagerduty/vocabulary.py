"""PagerDuty's words and ours, and how one of its incidents, notes and people are read. No requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.core import wording
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Record, Status
from syncd.systems.document import pick, pick_name, pick_text, pick_time

TEXT_LIMIT = 65_535  # bytes of a note, as PagerDuty counts
_CHANGES_OF_FIELDS = {"field_value_change_log_entry", "priority_change_log_entry"}
_PEOPLE = {"user", "user_reference"}
STATUSES = {
    "triggered": Status.OPEN,
    "acknowledged": Status.ACKNOWLEDGED,
    "resolved": Status.RESOLVED,
}
WORDS = {status: word for word, status in STATUSES.items()}
_CUT = " … (shortened by syncd; the whole text is on the case)"


def actor(reference: object, our_user_id: str) -> Actor:
    """A user, an integration, a rule, or nobody at all."""
    user_id = pick_name(reference, "id")
    return Actor(pick_text(reference, "summary"), bool(user_id) and user_id == our_user_id, user_id)


def who_set_a_field(entries: Sequence[object], since: datetime | None, our_user_id: str) -> Actor:
    """Nobody, where several did: which field an entry is about is not told."""
    changes = [entry for entry in entries if pick_text(entry, "type") in _CHANGES_OF_FIELDS]
    late = [
        one for one in changes if since is None or ((at := pick_time(one, "created_at")) is not None and at > since)
    ]
    found = {person(pick(entry, "agent"), our_user_id) for entry in late}
    return found.pop() if len(found) == 1 else NOBODY


def merged_into(incident: object) -> str:
    """The incident that took this one over; empty when it was not merged. PagerDuty shows it as resolved."""
    if pick_text(incident, "resolve_reason", "type") != "merge_resolve_reason":
        return ""
    other = pick(incident, "resolve_reason", "incident")
    return pick_name(other, "id") or pick_text(other, "summary") or "another incident"


def person(reference: object, our_user_id: str) -> Actor:
    """Nobody for us, for an integration or a service: those are not who did it."""
    by = actor(reference, our_user_id)
    is_person = pick_text(reference, "type") in _PEOPLE and not by.is_us
    return by if is_person else NOBODY


def record(incident: object, our_user_id: str = "") -> Record:
    moved = person(pick(incident, "last_status_change_by"), our_user_id)
    return Record(
        ref=pick_name(incident, "id"),
        status=STATUSES.get(pick_text(incident, "status")),
        priority=pick_name(incident, "priority", "id"),
        title=pick_text(incident, "title"),
        url=pick_text(incident, "html_url"),
        at=pick_time(incident, "updated_at"),
        merged_into=merged_into(incident),
        priority_name=pick_text(incident, "priority", "summary"),
        by={Field.STATUS: moved, Field.MERGED_INTO: moved} if moved.name else {},
    )


def note(given: object, our_user_id: str) -> Note:
    author = actor(pick(given, "user"), our_user_id)
    return Note(
        id=pick_name(given, "id"),
        text=pick_text(given, "content"),
        author=author.name,
        is_ours=author.is_us,
        at=pick_time(given, "created_at"),
        author_id=author.id,
    )


def note_as_seen(given: Note) -> NoteSeen | FieldSeen:
    """A resolution note typed in PagerDuty's UI is a note like any other, but for its first words."""
    by = given.by
    value = _resolution(given.text)
    if not value:
        return NoteSeen(given.id, given.text, by, given.at)
    return FieldSeen(Field.RESOLUTION_NOTE, value, by, given.at, note_id=given.id, text=given.text)


def _resolution(text: str) -> str:
    return wording.without_resolution_prefix(text) if text.startswith(wording.RESOLUTION_PREFIX) else ""


def fit(text: str) -> str:
    """PagerDuty counts bytes, not characters."""
    if len(text.encode()) <= TEXT_LIMIT:
        return text
    return text.encode()[: TEXT_LIMIT - len(_CUT.encode())].decode(errors="ignore") + _CUT
