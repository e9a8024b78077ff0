"""PagerDuty incidents as one side of a link: the port, spoken over REST. Every answer that carries the record is the read-back."""

# ruff: noqa: ARG002 - the port hands over more than PagerDuty can use: its writes are made by the From user, or by Trip.person.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Record, Side, Status
from syncd.core.reasons import Reason
from syncd.errors import Ambiguous, Postponed, Refused, SideError, UnknownSender
from syncd.systems.answer import Answer
from syncd.systems.document import Json, pick, pick_list, pick_name, pick_text
from syncd.systems.http import Http, segment
from syncd.systems.port import Applied, Author, Glance, Hint, Hook, Names, Opening, Page, Problem
from syncd.systems.trip import Trip

from . import account, events, overview, people, signature, vocabulary
from .client import PAGE, pages
from .fault import ALREADY_ACKNOWLEDGED, ALREADY_MERGED, ALREADY_RESOLVED, SENDER_CURE, is_key_taken

_ALREADY = {Status.RESOLVED: ALREADY_RESOLVED, Status.ACKNOWLEDGED: ALREADY_ACKNOWLEDGED}
#: Refusals by which the incident has moved on since it was read; what is still to be done the next attempt knows.
_MOVED_ON = {Status.RESOLVED: {ALREADY_MERGED}, Status.ACKNOWLEDGED: {ALREADY_MERGED, ALREADY_RESOLVED}}


class Incidents:
    side = Side.INCIDENT
    capabilities = Capabilities(
        calls_people=True,  # PagerDuty sends notes and titles on to chats, mail and phones.
        knows_people=True,
        max_note=vocabulary.TEXT_LIMIT,
        max_resolution_note=vocabulary.TEXT_LIMIT,
    )

    def __init__(self, http: Http, our_user_id: str, sender: str = "", slug: str = "NAME") -> None:
        """`our_user_id` is the PagerDuty id of the From user, `sender` its login e-mail: what it does is what we did. `slug`: what the
        account is called here.
        """
        self._http, self._our_user_id, self._sender, self._slug = http, our_user_id, sender, slug

    def glance(self, hook: Hook) -> Glance:
        return events.glance(hook.body)

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        signature.verify(hook, secrets)

    def parse(self, body: bytes) -> Hint:
        return events.parse(body, self._our_user_id)

    def thin_hook(self, ref: str) -> bytes:
        return events.thin(ref)

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        return vocabulary.note_as_seen(note)

    def fetch(self, trip: Trip, ref: str) -> Record:
        record = self._record(self._http.send(trip, "GET", _path(ref)).document())
        if record.ref != ref:  # The path takes numbers too, and an id may look like another incident's number.
            raise Refused(f"PagerDuty has no incident with the id {ref}.", reason="gone")
        return record

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]:
        answer = self._http.send(trip, "GET", f"{_path(ref)}/notes").document()
        return [vocabulary.note(item, self._our_user_id) for item in pick_list(answer, "notes")]

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        """A priority's change is an entry of the log like that of a title: told only when all of them are one person's."""
        if field is not Field.PRIORITY:
            return NOBODY
        window: dict[str, str | int] = {"since": overview.iso(since)} if since is not None else {}
        answer = self._http.send(trip, "GET", f"{_path(ref)}/log_entries", params={**window, "limit": PAGE}).document()
        return vocabulary.who_set_a_field(pick_list(answer, "log_entries"), since, self._our_user_id)

    def find_author(self, trip: Trip, by: Actor) -> Author:
        return people.find_author(self._http, trip, by)

    def set_status(
        self,
        trip: Trip,
        ref: str,
        status: Status,
        by: Actor,
        resolution_note: str,
    ) -> Applied:
        if status is Status.CLOSED:
            raise Refused("PagerDuty has no closed state; resolve the incident instead.")
        change: dict[str, object] = {"status": vocabulary.WORDS[status]}
        if status is Status.RESOLVED and resolution_note:
            change["resolution"] = vocabulary.fit(resolution_note)
        try:
            record = self._put(trip, ref, change)
        except Refused as refused:
            record = self._as_it_is(trip, ref, status, refused)
        if record.status is not status:
            raise Refused(f"PagerDuty took the change of incident {ref} and left its status as it was.")
        return Applied(record)

    def set_priority(
        self,
        trip: Trip,
        ref: str,
        priority: str,
        by: Actor,
    ) -> Applied:
        if not priority:
            raise Refused("PagerDuty has no documented way to clear an incident's priority; choose one.")
        record = self._put(trip, ref, {"priority": _reference(priority, "priority")})
        if record.priority != priority:
            raise Refused(f"PagerDuty took the change of incident {ref} and left its priority as it was.")
        return Applied(record)

    def set_resolution_note(self, trip: Trip, ref: str, text: str, by: Actor) -> Applied:
        """Never asked for, since the capabilities say there is no such field."""
        raise Refused("A PagerDuty incident has no resolution note of its own; add it as a note.")

    def add_note(
        self,
        trip: Trip,
        ref: str,
        text: str,
        author: str,
        marker: str,
    ) -> Applied:
        content = {"note": {"content": vocabulary.fit(text)}}
        answer = self._write(trip, "POST", f"{_path(ref)}/notes", content)
        made = vocabulary.note(pick(answer.document(), "note"), self._our_user_id)
        if not made.id:
            raise answer.unreadable("it does not name the new note")
        return Applied(note_id=made.id, note_text=made.text)

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        """Nothing to do: the case's address went into the body when the incident was opened."""
        return Applied()

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        if not opening.key:
            raise Refused("Looking for an incident needs its key; an empty one would match every open incident.")
        wanted = {
            "incident_key": opening.key,
            "service_ids[]": [opening.service],
            "statuses[]": list(vocabulary.STATUSES),
            "date_range": "all",  # Without it PagerDuty looks back one month only.
        }
        found = [item for item in pages(self._http, trip, "/incidents", "incidents", wanted) if _is_it(item, opening)]
        return vocabulary.record(max(found, key=_age), self._our_user_id) if found else None

    def open(self, trip: Trip, opening: Opening) -> Record:
        if not opening.key:
            raise Refused("Opening an incident needs a key, so that a repeat cannot open a second one.")
        incident: dict[str, object] = {
            "type": "incident",
            "title": opening.title,
            "service": _reference(opening.service, "service"),
            "incident_key": opening.key,
            "body": {"type": "incident_body", "details": vocabulary.fit(opening.body)},
        }
        if opening.priority:
            incident["priority"] = _reference(opening.priority, "priority")
        if opening.urgency:
            incident["urgency"] = opening.urgency
        if opening.escalation_policy:
            incident["escalation_policy"] = _reference(opening.escalation_policy, "escalation_policy")
        try:
            return self._record(self._write(trip, "POST", "/incidents", {"incident": incident}).document())
        except Refused as refused:
            if not is_key_taken(refused):
                raise
            return self._standing(trip, opening, refused)

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        return overview.standing(self._http, trip, within, cursor)

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        return overview.changed(self._http, trip, since, cursor)

    def check(self, trip: Trip) -> Sequence[Problem]:
        try:
            self._http.send(trip, "GET", "/abilities")
        except Refused as refused:
            return [Problem(refused.reason, str(refused))]
        return []

    def names(self, trip: Trip) -> Names:
        """Its statuses are the same in every account."""
        priorities, _ = account.list_priorities(self._http, trip)
        return Names(tuple(vocabulary.STATUSES), tuple(one.id for one in priorities))

    def check_sender(self, trip: Trip) -> None:
        """A key that may not read users cannot tell; then nothing is known against them."""
        try:
            user = account.get_user(self._http, trip, self._our_user_id)
        except Refused as refused:
            if refused.reason == Reason.GONE:
                raise UnknownSender(
                    f"The user our writes are made as is gone from PagerDuty; {SENDER_CURE}."
                ) from refused
            return
        if not user.can_respond:
            raise UnknownSender(f"{user.name} may not respond to incidents ({user.role}); {SENDER_CURE}.")
        if self._sender and user.email.casefold() != self._sender.casefold():
            raise UnknownSender(f"{user.name} has another login e-mail than {self._sender} by now; {SENDER_CURE}.")

    def check_writing(self, trip: Trip) -> None:
        account.refuse_reader(self._http, trip, self._slug)

    def _as_it_is(self, trip: Trip, ref: str, status: Status, refused: Refused) -> Record:
        """After a refusal that says the incident is there already; others are raised again."""
        if refused.code in _MOVED_ON.get(status, ()):
            said = str(refused).partition(";")[0].rstrip(".")
            raise Postponed(
                f"{said}; the next attempt reads the incident first.",
                reason=Reason.OUTDATED,
                status=refused.status,
                code=refused.code,
            ) from refused
        if refused.code != _ALREADY.get(status, 0):
            raise refused
        return self.fetch(trip, ref)

    def _standing(self, trip: Trip, opening: Opening, refused: SideError) -> Record:
        record = self.find(trip, opening)
        if record is None:
            raise Ambiguous(
                f"PagerDuty says an open incident has the key {opening.key} and does not list it yet; the next attempt looks again."
            ) from refused
        return record

    def _put(self, trip: Trip, ref: str, change: Json) -> Record:
        body = {"incident": {"type": "incident_reference", **change}}
        return self._record(self._write(trip, "PUT", _path(ref), body).document())

    def _write(self, trip: Trip, method: str, path: str, body: Json) -> Answer:
        """In the person's name where there is one; refused for that, the same write goes out in our own, and nothing was made before."""
        if trip.person:
            try:
                return self._http.send(trip, method, path, json=body, headers={"From": trip.person})
            except (UnknownSender, Refused) as refused:
                if isinstance(refused, Refused) and refused.reason != Reason.FORBIDDEN:
                    raise
                trip.person, trip.declined = "", refused
        return self._http.send(trip, method, path, json=body)

    def _record(self, document: Json) -> Record:
        """The record out of an answer's wrapping."""
        return vocabulary.record(pick(document, "incident"), self._our_user_id)


def _path(ref: str) -> str:
    return f"/incidents/{segment(ref)}"


def _reference(record_id: str, kind: str) -> Json:
    return {"id": record_id, "type": f"{kind}_reference"}


def _is_it(item: Json, opening: Opening) -> bool:
    """A filter that the far side ignored must not hand us somebody else's incident."""
    service = pick_name(item, "service", "id")
    return pick_text(item, "incident_key") == opening.key and service in {"", opening.service}


def _age(item: Json) -> tuple[str, int]:
    number = pick(item, "incident_number")
    return pick_text(item, "created_at"), number if isinstance(number, int) else 0
