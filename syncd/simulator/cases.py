"""The cases of the simulated case desk and what may happen to them. No HTTP, no hooks: those are casedesk.py's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from syncd.clock import Clock
from syncd.simulator.asked import Json

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
STATUSES = ("open", "acknowledged", "resolved", "closed")


class CaseRefused(Exception):
    """The desk does not do that; by switch it says nothing of it."""


class WrongInput(Exception):
    """The request makes no sense."""


class NoSuchCase(LookupError):
    pass


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    text: str
    author: str
    at: datetime


@dataclass(slots=True)
class Case:
    key: str
    title: str
    url: str
    updated_at: datetime
    body: str = ""
    connector: str | None = None
    status: str = "open"
    priority: str = "P3"
    resolution_note: str | None = None
    incident_url: str | None = None
    version: int = 0
    source: str = ""
    team: str = ""
    labels: list[str] = field(default_factory=list)
    service: str = ""
    changed: int = 0  # the desk's running number of the last change
    comments: list[Comment] = field(default_factory=list)
    timeline: list[Json] = field(default_factory=list)


Given = ParamSpec("Given")
Made = TypeVar("Made")

Hook = Callable[[str | None, Case, str, Comment | None], None]  # type (None: none is sent), case, by, comment


def _alone(act: Callable[Concatenate[Cases, Given], Made]) -> Callable[Concatenate[Cases, Given], Made]:
    """People and HTTP callers act from different threads: one at a time."""

    @wraps(act)
    def locked(self: Cases, /, *args: Given.args, **kwargs: Given.kwargs) -> Made:
        with self.lock:
            return act(self, *args, **kwargs)

    return locked


@dataclass(slots=True)
class Cases:
    clock: Clock
    url: str
    hook: Hook
    reopens_closed: Callable[[], bool]
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    cases: dict[str, Case] = field(default_factory=dict)
    priorities: tuple[str, ...] = PRIORITIES  # from most to least severe; each desk has its own
    changes: int = 0
    comments: int = 0

    def find(self, key: str) -> Case:
        if key not in self.cases:
            raise NoSuchCase(key)
        return self.cases[key]

    @_alone
    def open(  # noqa: PLR0913  each is one field of a case, and named at every call
        self,
        title: object,
        by: str,
        *,
        priority: object = None,
        body: object = None,
        connector: object = None,
        source: object = None,
        team: object = None,
        labels: object = None,
        service: object = None,
    ) -> Case:
        key = f"CASE-{len(self.cases) + 1}"
        case = Case(
            key,
            _text(title, "title"),
            f"{self.url}/cases/{key}",
            self.clock.now(),
            body=str(body or ""),
            connector=str(connector) if connector else None,
            priority=self._priority(priority or self._usual()),
            source=str(source or ""),
            team=str(team or ""),
            labels=[str(one) for one in labels] if isinstance(labels, list) else [],
            service=str(service or ""),
        )
        self.cases[key] = case
        self._changed(case, "opened", by)
        return case

    @_alone
    def acknowledge(self, key: str, by: str) -> Case:
        case = self.find(key)
        if case.status == "acknowledged":
            return case
        _need(case, "open")
        return self._status(case, "acknowledged", "acknowledged", by)

    @_alone
    def resolve(self, key: str, by: str, note: object = None) -> Case:
        case = self.find(key)
        if case.status == "resolved":
            return case
        _need(case, "open", "acknowledged")
        if note:
            case.resolution_note = _text(note, "note")
        return self._status(case, "resolved", "resolved", by)

    @_alone
    def close(self, key: str, by: str) -> Case:
        case = self.find(key)
        return case if case.status == "closed" else self._status(case, "closed", "closed", by)

    @_alone
    def reopen(self, key: str, by: str) -> Case:
        case = self.find(key)
        if case.status in ("open", "acknowledged"):
            return case
        if case.status == "closed" and not self.reopens_closed():
            raise CaseRefused("A closed case cannot be reopened.")
        return self._status(case, "open", "reopened", by)

    @_alone
    def set_priority(self, key: str, by: str, priority: object) -> Case:
        case, wanted = self.find(key), self._priority(priority)
        _need(case, "open", "acknowledged", "resolved")
        if case.priority != wanted:
            case.priority = wanted
            self._changed(case, "priority_changed", by)
        return case

    @_alone
    def comment(self, key: str, by: str, text: object) -> Comment:
        """Closed cases take comments as well."""
        case, said = self.find(key), _text(text, "text")
        self.comments += 1
        comment = Comment(f"c{self.comments}", said, by, self.clock.now())
        case.comments.append(comment)
        self._changed(case, "commented", by, comment)
        return comment

    @_alone
    def set_resolution_note(self, key: str, by: str, text: object) -> Case:
        case, said = self.find(key), _text(text, "text")
        _need(case, "open", "acknowledged", "resolved")
        if case.resolution_note != said:
            case.resolution_note = said
            self._changed(case, "resolution_noted", by)
        return case

    @_alone
    def set_incident_url(self, key: str, by: str, url: object) -> Case:
        """A change like any other, but none that a hook has a name for."""
        case, said = self.find(key), _text(url, "url")
        if case.incident_url != said:
            case.incident_url = said
            self._changed(case, None, by)
        return case

    @_alone
    def changed_since(self, cursor: int) -> list[Case]:
        return sorted((case for case in self.cases.values() if case.changed > cursor), key=lambda case: case.changed)

    def _usual(self) -> str:
        return self.priorities[len(self.priorities) // 2]

    def _priority(self, value: object) -> str:
        if value not in self.priorities:
            raise WrongInput(f"priority must be one of {', '.join(self.priorities)}.")
        return str(value)

    def _status(self, case: Case, status: str, what: str, by: str) -> Case:
        case.status = status
        self._changed(case, what, by)
        return case

    def _changed(self, case: Case, what: str | None, by: str, comment: Comment | None = None) -> None:
        self.changes += 1
        case.version += 1
        case.changed = self.changes
        case.updated_at = self.clock.now()
        case.timeline.append({"at": iso(case.updated_at), "what": what or "linked", "by": by, "version": case.version})
        self.hook(what, case, by, comment)


def iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _need(case: Case, *statuses: str) -> None:
    if case.status not in statuses:
        raise CaseRefused(f"{case.key} is {case.status}.")


def _text(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongInput(f"{name} must be a text.")
    return value
