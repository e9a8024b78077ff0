"""An incident and its log, as `GET /incidents` and `GET /incidents/{id}/log_entries` give them. Words of people are not kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .reading import Json, ids, mapping, moment, reference, text, text_or, whole

RESOLUTION_NOTE = "Resolution Note:"  # what a note begins with that PagerDuty's page took when somebody resolved
#: A channel by which no person comes, whoever is named as the agent.
_BY_ITSELF = ("timeout", "auto")
_BY_PROGRAM = ("api",)
_PROGRAMS = ("app", "bot_user", "integration")


class Actor(StrEnum):
    """Who did it."""

    PERSON = "person"
    API = "api"  # a program, in its own name or in that of a user
    AUTO = "auto"  # PagerDuty itself, when a time had run out
    UNKNOWN = "unknown"


class Entry(StrEnum):
    """What counts for times; every other entry is OTHER."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    UNACKNOWLEDGE = "unacknowledge"
    RESOLVE = "resolve"
    OTHER = "other"


_SPELLED = {"acknowledgement": Entry.ACKNOWLEDGE, "unacknowledgement": Entry.UNACKNOWLEDGE}


@dataclass(frozen=True, slots=True)
class LogEntry:
    id: str
    at: datetime
    what: Entry
    actor: Actor = Actor.UNKNOWN
    user: str = ""  # the agent's id, if it is a user
    has_note: bool = False  # a resolution note came with it, or it is one


@dataclass(frozen=True, slots=True)
class Incident:
    id: str
    number: int
    created_at: datetime
    status: str
    service: str = ""
    urgency: str = ""
    priority: str = ""  # its name; empty: none
    teams: tuple[str, ...] = ()
    is_merged: bool = False  # it was resolved by being merged into another one
    log: tuple[LogEntry, ...] | None = None  # in its order; None: not read

    @property
    def name(self) -> str:
        return f"#{self.number}"

    @property
    def is_resolved(self) -> bool:
        return self.status == "resolved"


@dataclass(frozen=True, slots=True)
class CaseOf:
    """The case that is linked to an incident."""

    id: str  # the incident's
    case: str
    is_closed: bool
    status: str = ""
    opened_at: datetime | None = None  # by the clock of whoever keeps the case, as the two that follow
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    url: str = ""


def incident_of(given: Json, log: Iterable[LogEntry] | None = None) -> Incident:
    priority, reason = given.get("priority"), given.get("resolve_reason")
    return Incident(
        id=text(given, "id"),
        number=whole(given, "incident_number"),
        created_at=moment(given, "created_at"),
        status=text(given, "status"),
        service=reference(given, "service") or "",
        urgency=text_or(given, "urgency"),
        priority="" if priority is None else _priority(mapping(priority, "priority")),
        teams=ids(given, "teams") or (),
        is_merged=isinstance(reason, Mapping) and reason.get("type") == "merge_resolve_reason",
        log=None if log is None else in_order(log),
    )


def in_order(log: Iterable[LogEntry]) -> tuple[LogEntry, ...]:
    """Pages come newest first, and may overlap: each entry once, the oldest first."""
    return tuple(sorted({one.id: one for one in log}.values(), key=_order))


def _order(one: LogEntry) -> tuple[datetime, int]:
    """Whole seconds: of one second a trigger goes first and a resolve last."""
    return one.at, list(Entry).index(one.what)


def _priority(given: Json) -> str:
    return text_or(given, "name", text_or(given, "summary"))


def entry_of(given: Json) -> LogEntry:
    what = _what(text(given, "type"))
    agent, channel = (given.get(key) for key in ("agent", "channel"))
    actor, user = _actor(agent if isinstance(agent, Mapping) else {}, channel if isinstance(channel, Mapping) else {})
    return LogEntry(
        id=text(given, "id"),
        at=moment(given, "created_at"),
        what=what,
        actor=actor,
        user=user,
        has_note=_has_note(given, what, channel if isinstance(channel, Mapping) else {}),
    )


def _what(kind: str) -> Entry:
    word = kind.removesuffix("_reference").removesuffix("_log_entry")
    if word in _SPELLED:
        return _SPELLED[word]
    return Entry(word) if word in set(Entry) else Entry.OTHER


def _actor(agent: Json, channel: Json) -> tuple[Actor, str]:
    """The channel says more than the agent: programs act in the names of users, and a service is named when a time ran out."""
    who = text_or(agent, "type").removesuffix("_reference")
    by = text_or(channel, "type")
    user = text_or(agent, "id") if who == "user" else ""
    if by in _BY_ITSELF:
        return Actor.AUTO, user
    if by in _BY_PROGRAM or who in _PROGRAMS or who.endswith("inbound_integration"):
        return Actor.API, user
    return (Actor.PERSON, user) if who == "user" else (Actor.UNKNOWN, user)


def _has_note(given: Json, what: Entry, channel: Json) -> bool:
    """A note of PagerDuty's page is an ordinary note that begins with these words; one that came by the API is the entry's own."""
    own = given.get("note")
    if what is Entry.RESOLVE:
        return isinstance(own, str) and bool(own.strip())
    said = channel.get("content") or channel.get("summary")
    if text(given, "type").startswith("annotate") and isinstance(said, str):
        return said.startswith(RESOLUTION_NOTE) and bool(said.removeprefix(RESOLUTION_NOTE).strip())
    return False
