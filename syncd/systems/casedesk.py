"""A case system in another process that speaks syncd's own /v1/cases and signs its hooks by Standard Webhooks.

It is not trusted to have done what it answered 200 to: every answer is read back.
"""

# ruff: noqa: ARG002 - the port hands over more than the desk can use: it is told our account as who did it.

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Record, Side, Status
from syncd.core.reasons import Reason
from syncd.errors import Ambiguous, Misconfigured, RateLimited, Refused, Unreachable, Unreadable
from syncd.outgoing import PUBLIC_ONLY, Outgoing

from . import desk_events
from .document import Json, pick, pick_list, pick_name, pick_text, pick_time
from .http import Http, segment
from .port import Applied, Author, Glance, Hint, Hook, Names, Opening, Page, Problem, Sighting
from .trip import Trip
from .verifiers import standard_id, verify_standard

_VERB_OF = {
    Status.OPEN: "reopen",
    Status.ACKNOWLEDGED: "acknowledge",
    Status.RESOLVED: "resolve",
    Status.CLOSED: "close",
}
_MOVES = ("acknowledge", "unacknowledge", "reopen", "close", "acknowledged", "unacknowledged", "reopened", "closed")
_RESOLVES = ("resolve", "resolved")  # a note may come with it
_FIELDS_OF: dict[str, tuple[Field, ...]] = {
    **dict.fromkeys(_MOVES, (Field.STATUS,)),
    **dict.fromkeys(_RESOLVES, (Field.STATUS, Field.RESOLUTION_NOTE)),
    **dict.fromkeys(("priority", "priority_changed"), (Field.PRIORITY,)),
    **dict.fromkeys(("resolution_note", "resolution_noted"), (Field.RESOLUTION_NOTE,)),
}
_STATUSES = {status.value: status for status in Status}


def http(
    base_url: str,
    token: str,
    *,
    verify: str | None = None,
    outgoing: Outgoing = PUBLIC_ONLY,
    others: Iterable[str] = (),
) -> Http:
    if not token:
        raise Misconfigured("The case desk's integration has no token; add one with `syncd integrations add`.")
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    secrets = (token,)
    return Http("The case desk", base_url, headers, secrets=secrets, others=others, verify=verify, outgoing=outgoing)


class CaseDesk:
    side = Side.CASE
    capabilities = Capabilities(has_closed=True, has_resolution_note=True, can_unacknowledge=False, calls_people=True)

    def __init__(self, http: Http, account: str) -> None:
        """`account` is the name our own writes are made under."""
        self._http, self._account = http, account

    def glance(self, hook: Hook) -> Glance:
        key = standard_id(hook)
        try:
            hint = self.parse(hook.body)
        except Unreadable:
            return Glance(key)
        return Glance(key, hint.event_type, hint.ref)

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        verify_standard(hook, secrets)

    def parse(self, body: bytes) -> Hint:
        return desk_events.parse(body, self._account)

    def thin_hook(self, ref: str) -> bytes:
        return desk_events.thin(ref)

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        return NoteSeen(note.id, note.text, note.by, note.at)

    def fetch(self, trip: Trip, ref: str) -> Record:
        return replace(record := _record(case := self._case(trip, ref)), by=self._by(case, record))

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]:
        return [self._note(item) for item in pick_list(self._case(trip, ref), "comments")]

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        return NOBODY  # Its case says who, or nobody does.

    def find_author(self, trip: Trip, by: Actor) -> Author:
        return Author(by.email, why_not="A case desk is told our account as who did it.")

    def set_status(
        self,
        trip: Trip,
        ref: str,
        status: Status,
        by: Actor,
        resolution_note: str,
    ) -> Applied:
        words = {"note": resolution_note} if status is Status.RESOLVED and resolution_note else {}
        return self._change(trip, ref, _VERB_OF[status], words, _says("status", status))

    def set_priority(
        self,
        trip: Trip,
        ref: str,
        priority: str,
        by: Actor,
    ) -> Applied:
        return self._change(trip, ref, "priority", {"priority": priority}, _says("priority", priority))

    def set_resolution_note(
        self,
        trip: Trip,
        ref: str,
        text: str,
        by: Actor,
    ) -> Applied:
        return self._change(trip, ref, "resolution-note", {"text": text}, _says("resolution_note", text))

    def add_note(
        self,
        trip: Trip,
        ref: str,
        text: str,
        author: str,
        marker: str,
    ) -> Applied:
        words = {"by": self._account, "text": text}
        path = f"{_path(ref)}/comments"
        answer = self._http.send(trip, "POST", path, json=words, headers={"Idempotency-Key": marker})
        made = self._note(answer.document())
        if not made.id:
            raise answer.unreadable("it does not name the new comment")
        return Applied(note_id=made.id, note_text=made.text)

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        return self._change(trip, ref, "incident-url", {"url": url}, _says("incident_url", url))

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        raise _no_incidents()

    def open(self, trip: Trip, opening: Opening) -> Record:
        raise _no_incidents()

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        """Its list of changed cases has the open ones too."""
        return Page()

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        """The desk remembers changes by a number of its own, so that the first list begins at the beginning."""
        answer = self._http.send(trip, "GET", "/v1/cases", params={"changed_since": cursor or "0"}).document()
        cases = [(item, _record(item)) for item in pick_list(answer, "cases") if isinstance(item, dict)]
        late = tuple(_sighting(*one, since) for one in cases if one[1].ref and _is_late(one[1].at, since))
        following = pick_name(answer, "cursor") if pick(answer, "more") is True else ""
        return Page(late, "" if following == cursor else following)

    def check(self, trip: Trip) -> Sequence[Problem]:
        try:
            self._http.send(trip, "GET", "/v1/cases")
        except Refused as refused:
            return [Problem(refused.reason, str(refused))]
        return []

    def names(self, trip: Trip) -> Names | None:
        """A desk of before syncd asked for them has no such address."""
        try:
            told = self._http.send(trip, "GET", "/v1/names").document()
        except Refused as refused:
            if refused.reason != Reason.GONE:
                raise
            return None
        found = Names(*(tuple(_texts(told, kind)) for kind in ("statuses", "priorities")))
        return found if found.statuses and found.priorities else None

    def check_sender(self, trip: Trip) -> None:
        """A desk knows us by the token alone."""

    def check_writing(self, trip: Trip) -> None:
        """Only a write of a case would tell."""

    def _case(self, trip: Trip, ref: str) -> Json:
        case = self._http.send(trip, "GET", _path(ref)).document()
        if pick_name(case, "key") != ref:
            raise Refused(f"The case desk has no case {ref}.", reason="gone")
        return case

    def _change(self, trip: Trip, ref: str, verb: str, words: Json, shows: Callable[[Json], bool]) -> Applied:
        body = {"by": self._account, **words}
        answer = self._http.send(trip, "POST", f"{_path(ref)}/{verb}", json=body)
        case = answer.json if isinstance(answer.json, dict) and "status" in answer.json else self._look(trip, ref)
        if not shows(case):
            raise Refused(f"The case desk answered {answer.status} to {verb} and left case {ref} as it was.")
        return Applied(_record(case))

    def _look(self, trip: Trip, ref: str) -> Json:
        """For a desk that answers with less than the case. The write was made, so a look that fails leaves it in doubt."""
        try:
            return self._case(trip, ref)
        except (Unreachable, RateLimited) as error:
            raise Ambiguous(str(error), status=error.status) from error

    def _by(self, case: Json, record: Record) -> Mapping[Field, Actor]:
        """The last line of its timeline for each field, unless that was written by us."""
        last = {field: pick_text(line, "by") for line in pick_list(case, "timeline") for field in _fields_of(line)}
        people = {field: desk_events.told_by(name) for field, name in last.items() if name and name != self._account}
        return {field: by for field, by in people.items() if record.value(field)}

    def _note(self, item: object) -> Note:
        by = desk_events.told_by(pick_text(item, "author"), pick_text(item, "author_email"), self._account)
        return Note(
            id=pick_name(item, "id"),
            text=pick_text(item, "text"),
            author=by.name,
            is_ours=by.is_us,
            at=pick_time(item, "at"),
            author_email=by.email,
        )


def _fields_of(line: object) -> tuple[Field, ...]:
    return _FIELDS_OF.get(pick_text(line, "kind") or pick_text(line, "what"), ())


def _sighting(case: Json, record: Record, since: datetime) -> Sighting:
    """Its opening only where the desk tells when that was: nobody is to be paged for a case of long ago."""
    opened_at, changes = pick_time(case, "created_at"), _changes(case, record)
    if opened_at is None or opened_at < since:
        return Sighting(record.ref, changes=changes)
    is_over = record.status in {Status.RESOLVED, Status.CLOSED}
    return Sighting(record.ref, opening=desk_events.opening(case, opened_at), is_over=is_over, changes=changes)


def _changes(case: Json, record: Record) -> tuple[str, ...]:
    """The desk names none, but a case whose change has a time is another after each. Without one a comment may not show at all."""
    return () if record.at is None else (json.dumps(case, sort_keys=True),)


def _is_late(at: datetime | None, since: datetime) -> bool:
    return at is None or at >= since


def _record(case: Json) -> Record:
    return Record(
        ref=pick_name(case, "key"),
        status=_STATUSES.get(pick_text(case, "status")),
        priority=pick_text(case, "priority"),
        resolution_note=pick_text(case, "resolution_note"),
        title=pick_text(case, "title"),
        url=pick_text(case, "url"),
        at=pick_time(case, "updated_at"),
    )


def _texts(told: Json, kind: str) -> Iterator[str]:
    return (one for one in pick_list(told, kind) if isinstance(one, str) and one)


def _says(name: str, value: str) -> Callable[[Json], bool]:
    return lambda case: pick_text(case, name) == value


def _path(ref: str) -> str:
    return f"/v1/cases/{segment(ref)}"


def _no_incidents() -> Refused:
    return Refused("A case desk keeps cases; it opens no incidents.")
