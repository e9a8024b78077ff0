"""A make-believe system, for either side: records in memory, people who act on them, faults on request. It speaks the port."""

# ruff: noqa: ARG002 - the port hands over more than a system in memory needs.

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from syncd.clock import StoppedClock
from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, CaseOpened, Field, FieldSeen, Note, NoteSeen, Record, Seen, Side, Status
from syncd.core.wording import RESOLUTION_PREFIX
from syncd.errors import BadSignature, SideError, Unreadable
from syncd.systems.port import Applied, Author, Glance, Hint, Hook, Names, Opening, Page, Problem, Sighting
from syncd.systems.trip import Exchange, Trip

ANA = Actor("Ana")
US = Actor("syncd", is_us=True)
TICK = 0.001
READS = frozenset(
    {"fetch", "notes", "find", "check", "check_sender", "check_writing", "names", "who_set", "standing", "changed"}
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that reached this side."""

    op: str
    ref: str
    value: str = ""


@dataclass(slots=True)
class Kept:
    record: Record
    notes: list[Note] = field(default_factory=list)
    key: str = ""
    opening: Opening | None = None  # as it was asked for
    shown: str = ""  # the address of the other side's record
    log: list[tuple[datetime, str]] = field(
        default_factory=list
    )  # when something happened to it, and the change's name


@dataclass(frozen=True, slots=True)
class Fault:
    error: SideError
    lands: bool = False  # the write is made all the same


class FarSide:
    def __init__(self, side: Side, clock: StoppedClock) -> None:
        self.side = side
        self.capabilities = Capabilities(
            has_closed=side is Side.CASE, has_resolution_note=side is Side.CASE, names_authors=side is Side.CASE
        )
        self.kept: dict[str, Kept] = {}
        self.calls: list[Call] = []
        self.faults: dict[str, list[Fault]] = {}
        self.meanwhile: dict[str, Callable[[], object]] = {}  # what people do while the next call of this kind runs
        self.stuck: threading.Event | None = None  # until it is set, no call gets an answer
        self.priority_of_new = ""
        self.names_people = False  # its records say who changed them last
        self.log: dict[tuple[str, Field], Actor] = {}  # what only another request tells
        self.page = 2  # records that its lists show at once
        self.names_changes = True  # in its lists
        self.counts_in_seconds = False  # and all that happens to a record within one of them has one name
        self.is_off = timedelta()  # its clock, from ours
        self._clock = clock
        self._lock = threading.RLock()
        self._notes = 0

    # What people do.

    def put(self, ref: str, title: str = "", priority: str = "") -> Record:
        note = "" if self.capabilities.has_resolution_note else None
        url = f"https://{self.side}.test/{ref}"
        self.kept[ref] = Kept(Record(ref, Status.OPEN, priority, note, title, url, self._now()))
        self._log(ref, self.kept[ref].record.at)
        return self.kept[ref].record

    def set(self, ref: str, name: Field, value: str, by: Actor = ANA) -> FieldSeen:
        """Change a field; what a hook would tell of it."""
        before = self.kept[ref].record
        self._change(ref, name, value, by)
        is_back = name is Field.STATUS and before.status == Status.RESOLVED
        return FieldSeen(name, value, by, self.kept[ref].record.at, is_reopening=is_back)

    def note(self, ref: str, text: str, by: Actor = ANA) -> NoteSeen:
        note = self._add(ref, text, by.name, is_ours=by.is_us, email=by.email)
        return NoteSeen(note.id, text, by, note.at)

    def fail(self, op: str, error: SideError, *, lands: bool = False, times: int = 1) -> None:
        self.faults.setdefault(op, []).extend([Fault(error, lands)] * times)

    # What is seen of it.

    def record(self, ref: str) -> Record:
        return self.kept[ref].record

    def texts(self, ref: str) -> list[str]:
        return [note.text for note in self.kept[ref].notes]

    def writes(self) -> list[str]:
        return [call.op for call in self.calls if call.op not in READS]

    # The port.

    def glance(self, hook: Hook) -> Glance:
        return Glance()

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        raise BadSignature("Nothing comes in by this door.")

    def parse(self, body: bytes) -> Hint:
        try:
            told = json.loads(body)
        except ValueError as error:
            raise Unreadable("The body is not JSON.") from error
        if told["type"] == "poison":
            message = "a fault of ours"
            raise RuntimeError(message)
        seen = tuple(_seen(one) for one in told["seen"])
        return Hint(
            told["type"],
            told["ref"],
            seen,
            _moment(told["at"]),
            is_thin=told["thin"],
            is_ping=told["type"] == "ping",
            incident_key=told["key"],
        )

    def thin_hook(self, ref: str) -> bytes:
        return body_of(ref, is_thin=True)

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        by = note.by
        if self.side is Side.INCIDENT and note.text.startswith(RESOLUTION_PREFIX):
            value = note.text.removeprefix(RESOLUTION_PREFIX)
            return FieldSeen(Field.RESOLUTION_NOTE, value, by, note.at, note_id=note.id, text=note.text)
        return NoteSeen(note.id, note.text, by, note.at)

    def fetch(self, trip: Trip, ref: str) -> Record:
        with self._call(trip, "fetch", ref):
            return self.kept[ref].record

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]:
        with self._call(trip, "notes", ref):
            return tuple(self.kept[ref].notes)

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        if (ref, field) not in self.log:
            return NOBODY
        with self._call(trip, "who_set", ref, field):
            return self.log[ref, field]

    def find_author(self, trip: Trip, by: Actor) -> Author:
        return Author(by.email, why_not="nobody is known here")

    def set_status(self, trip: Trip, ref: str, status: Status, by: Actor, resolution_note: str) -> Applied:
        with self._call(trip, "set_status", ref, status):
            return Applied(self._change(ref, Field.STATUS, status))

    def set_priority(self, trip: Trip, ref: str, priority: str, by: Actor) -> Applied:
        with self._call(trip, "set_priority", ref, priority):
            return Applied(self._change(ref, Field.PRIORITY, priority))

    def set_resolution_note(self, trip: Trip, ref: str, text: str, by: Actor) -> Applied:
        with self._call(trip, "set_resolution_note", ref, text):
            return Applied(self._change(ref, Field.RESOLUTION_NOTE, text))

    def add_note(self, trip: Trip, ref: str, text: str, author: str, marker: str) -> Applied:
        with self._call(trip, "add_note", ref, text):
            made = self._add(ref, text, author or US.name, is_ours=True)
            return Applied(note_id=made.id, note_text=made.text)

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        with self._call(trip, "link", ref, url):
            self.kept[ref].shown = url
            return Applied(self.kept[ref].record)

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        with self._call(trip, "find", opening.key):
            return next((kept.record for kept in self.kept.values() if kept.key == opening.key), None)

    def open(self, trip: Trip, opening: Opening) -> Record:
        ref = f"I-{len(self.kept) + 1}"
        with self._call(trip, "open", opening.key):
            self.put(ref, title=opening.title, priority=opening.priority or self.priority_of_new)
            self.kept[ref].key, self.kept[ref].opening = opening.key, opening
            return self.kept[ref].record

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        with self._call(trip, "standing", cursor):
            is_open = [
                kept.record for kept in self.kept.values() if kept.record.status in {Status.OPEN, Status.ACKNOWLEDGED}
            ]
            return self._page([Sighting(one.ref, one) for one in is_open], cursor)

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        """By the times of the record and of its notes, as a log would have them."""
        with self._call(trip, "changed", cursor):
            late = [ref for ref, kept in self.kept.items() if any(at is None or at >= since for at in _times(kept))]
            return self._page([Sighting(ref, changes=self._named(ref, since)) for ref in late], cursor)

    def _named(self, ref: str, since: datetime) -> tuple[str, ...]:
        return tuple(name for at, name in self.kept[ref].log if at >= since) if self.names_changes else ()

    def _log(self, ref: str, at: datetime | None) -> None:
        if at is not None:
            log = self.kept[ref].log
            log.append((at, f"{at:%X}" if self.counts_in_seconds else f"{ref}#{len(log)}"))

    def _page(self, found: Sequence[Sighting], cursor: str) -> Page:
        begin = int(cursor or 0)
        shown = tuple(found[begin : begin + self.page])
        following = begin + self.page
        return Page(shown, str(following) if following < len(found) else "", None if begin else len(found))

    def check(self, trip: Trip) -> Sequence[Problem]:
        with self._call(trip, "check", ""):
            return ()

    def names(self, trip: Trip) -> Names:
        with self._call(trip, "names", ""):
            return Names(tuple(Status), ("P1", "P2", "P3", "P4", "P5"))

    def check_sender(self, trip: Trip) -> None:
        with self._call(trip, "check_sender", ""):
            return

    def check_writing(self, trip: Trip) -> None:
        with self._call(trip, "check_writing", ""):
            return

    @contextmanager
    def _call(self, trip: Trip, op: str, ref: str, value: str = "") -> Iterator[None]:
        meanwhile = self.meanwhile.pop(op, None)
        if meanwhile is not None:
            meanwhile()
        if self.stuck is not None:
            self.stuck.wait(60)
        with self._lock:
            self.calls.append(Call(op, ref, value))
            waiting = self.faults.get(op)
            fault = waiting.pop(0) if waiting else None
            status = fault.error.status if fault else 200
            trip.exchanges.append(Exchange(op.upper(), f"/{self.side}/{ref}", status, trip.next_request_id()))
            if fault is not None and not fault.lands:
                raise fault.error
            yield
        if fault is not None:
            raise fault.error

    def _change(self, ref: str, name: Field, value: str, by: Actor = US) -> Record:
        kept = self.kept[ref]
        values: dict[str, Any] = {name.value: Status(value) if name is Field.STATUS else value}
        told = {name: by} if self.names_people and not by.is_us else {}
        others = {other: one for other, one in kept.record.by.items() if other is not name}
        kept.record = replace(kept.record, at=self._now(), by={**others, **told}, **values)
        self._log(ref, kept.record.at)
        return kept.record

    def _add(self, ref: str, text: str, author: str, *, is_ours: bool, email: str = "") -> Note:
        with self._lock:
            self._notes += 1
            note = Note(f"N-{self._notes}", text, author, is_ours, self._now(), author_email=email)
            self.kept[ref].notes.append(note)
            self._log(ref, note.at)
            return note

    def _now(self) -> datetime:
        """No two things happen at one moment."""
        self._clock.forward(TICK)
        return self._clock.now() + self.is_off


def body_of(
    ref: str, *seen: Seen, kind: str = "changed", at: datetime | None = None, is_thin: bool = False, key: str = ""
) -> bytes:
    """A hook that tells these facts."""
    facts = [_told(one) for one in seen]
    moment = at or next((one.at for one in seen if one.at is not None), None)
    said = {"type": kind, "ref": ref, "seen": facts, "at": _text(moment), "thin": is_thin, "key": key}
    return json.dumps(said).encode()


_KINDS = {"FieldSeen": FieldSeen, "NoteSeen": NoteSeen, "CaseOpened": CaseOpened}


def _told(seen: Seen) -> dict[str, Any]:
    values = {name: getattr(seen, name) for name in type(seen).__slots__}
    values["by"] = [seen.by.name, seen.by.is_us, seen.by.id, seen.by.email]
    return {"kind": type(seen).__name__, **values, "at": _text(seen.at)}


def _times(kept: Kept) -> list[datetime | None]:
    return [kept.record.at, *(note.at for note in kept.notes)]


def _seen(told: dict[str, Any]) -> Seen:
    values = {**told, "by": Actor(*told["by"]) if told["by"] else NOBODY, "at": _moment(told["at"])}
    if "labels" in values:
        values["labels"] = tuple(values["labels"])
    kind = _KINDS[values.pop("kind")]
    if kind is FieldSeen:
        values["field"] = Field(values["field"])
    made: Seen = kind(**values)
    return made


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
