"""The built-in cases as a system: the port without a network, one transaction for each call."""

# ruff: noqa: ARG002 - the port hands over more than a system without a network needs.

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, Field, FieldSeen, Note, NoteSeen, Record, Side, Status
from syncd.errors import BadSignature, Conflict, NotFound, Refused, Unavailable, Unreachable
from syncd.store.case_timeline import Case, Event
from syncd.store.cases import PRIORITIES, Cases, Done, Hand

from . import desk_events
from .port import Applied, Author, Glance, Hint, Hook, Names, Opening, Page, Problem
from .trip import Exchange, Trip

VIA = "PagerDuty"


class BuiltinCases:
    side = Side.CASE
    capabilities = Capabilities(has_closed=True, has_resolution_note=True, can_reopen=True, names_authors=True)

    def __init__(self, cases: Cases) -> None:
        self._cases = cases

    def glance(self, hook: Hook) -> Glance:
        """Its arrivals are stored by the cases themselves, under a key of theirs."""
        return Glance()

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        raise BadSignature("The built-in cases have no door for hooks: their changes are stored where they are made.")

    def parse(self, body: bytes) -> Hint:
        return desk_events.parse(body)

    def thin_hook(self, ref: str) -> bytes:
        return desk_events.thin(ref)

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        return NoteSeen(note.id, note.text, note.by, note.at)

    def fetch(self, trip: Trip, ref: str) -> Record:
        with _exchange(trip, ref):
            return self._record(self._cases.get(ref))

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]:
        with _exchange(trip, ref):
            return [_note(event) for event in self._cases.file(ref).comments]

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        return NOBODY  # Nothing of it is ever missed.

    def find_author(self, trip: Trip, by: Actor) -> Author:
        return Author(by.email, why_not="The built-in cases show who did it by themselves.")

    def set_status(self, trip: Trip, ref: str, status: Status, by: Actor, resolution_note: str) -> Applied:
        return self._do(trip, ref, lambda: self._cases.set_status(ref, _hand(by.name), status, resolution_note))

    def set_priority(self, trip: Trip, ref: str, priority: str, by: Actor) -> Applied:
        return self._do(trip, ref, lambda: self._cases.set_priority(ref, _hand(by.name), priority))

    def set_resolution_note(self, trip: Trip, ref: str, text: str, by: Actor) -> Applied:
        return self._do(trip, ref, lambda: self._cases.set_resolution_note(ref, _hand(by.name), text))

    def add_note(self, trip: Trip, ref: str, text: str, author: str, marker: str) -> Applied:
        with _exchange(trip, ref):
            done = self._cases.comment(ref, _hand(author, marker), text)
        event = done.event
        return Applied(self._record(done.case), str(event.id) if event else "", _note(event).text if event else "")

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        return self._do(trip, ref, lambda: self._cases.set_incident_url(ref, _hand("syncd"), url))

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        raise _no_incidents()

    def open(self, trip: Trip, opening: Opening) -> Record:
        raise _no_incidents()

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        return Page()

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        """None can have been missed: a case and the arrival that tells of it are one transaction."""
        return Page()

    def check(self, trip: Trip) -> Sequence[Problem]:
        with _exchange(trip, ""):
            self._cases.listing({}, limit=1)
        return ()

    def names(self, trip: Trip) -> Names:
        return Names(tuple(Status), PRIORITIES)

    def check_sender(self, trip: Trip) -> None:
        """Nobody has to let us into our own database."""

    def check_writing(self, trip: Trip) -> None:
        """As above."""

    def _do(self, trip: Trip, ref: str, act: Callable[[], Done]) -> Applied:
        with _exchange(trip, ref):
            done = act()
        return Applied(self._record(done.case))

    def _record(self, case: Case) -> Record:
        return Record(
            ref=case.key,
            status=case.status,
            priority=case.priority,
            resolution_note=case.resolution_note,
            title=case.title,
            url=f"{self._cases.site}/cases/{case.key}",
            at=case.updated_at,
        )


def _hand(name: str, marker: str | None = None) -> Hand:
    return Hand(name, VIA, is_syncd=True, marker=marker)


def _note(event: Event) -> Note:
    by = desk_events.told_by(event.actor)
    is_ours = event.marker is not None and event.via == VIA  # What a finding of evidence has said is nobody's echo.
    return Note(str(event.id), event.text, by.name, is_ours=is_ours, at=event.at, author_email=by.email)


def _no_incidents() -> Refused:
    return Refused("The built-in cases keep cases; they open no incidents.")


@contextmanager
def _exchange(trip: Trip, ref: str) -> Iterator[None]:
    """One transaction, shown in the rows like a request, and its trouble told in the words of the port."""
    request_id, begun = trip.next_request_id(), trip.monotonic()
    try:
        yield
    except NotFound as error:
        raise Refused(str(error), reason="gone") from error
    except Conflict as error:
        raise Refused(str(error)) from error
    except Unavailable as error:
        # A transaction that was not answered was not committed, or its marker and its value show that it was.
        raise Unreachable(str(error)) from error
    finally:
        took = round((trip.monotonic() - begun) * 1000)
        trip.exchanges.append(Exchange("", f"cases:{ref}", None, request_id, duration_ms=took))
