"""Where alerts come in: a source that keeps no records, so that nothing is read there and nothing is written back.

An alert thus goes the whole way of a case: an arrival, a link, errands and rows; held, tried again and told like all others.
"""

# ruff: noqa: ARG002 - nothing of what the port hands over is needed.

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from syncd.core.alert import STATUSES, TRIGGER
from syncd.core.capabilities import Capabilities
from syncd.core.changes import NOBODY, Actor, CaseOpened, Field, FieldSeen, Note, NoteSeen, Record, Seen, Side, Status
from syncd.core.reasons import Reason
from syncd.errors import BadSignature, Refused, Unreadable

from .document import NotADocument, parse
from .port import Applied, Author, Glance, Hint, Hook, Opening, Page, Problem
from .trip import Trip


class Alerts:
    side = Side.CASE
    capabilities = Capabilities(can_be_read=False, takes_notes=False)

    def parse(self, body: bytes) -> Hint:
        try:
            told = parse(body.decode())
        except (UnicodeDecodeError, NotADocument) as error:
            raise Unreadable("The alert is not JSON that can be read.") from error
        if not isinstance(told, dict):
            raise Unreadable("The alert is no object.")
        try:
            return Hint(f"alert.{told['action']}", told["record"], (_seen(told),))
        except KeyError as error:
            raise Unreadable(f"The alert has no {error.args[0]}.") from error

    def glance(self, hook: Hook) -> Glance:
        return Glance()

    def verify(self, hook: Hook, secrets: Sequence[str]) -> None:
        raise BadSignature("Alerts come in by the API and the command line, and have no door for hooks.")

    def check(self, trip: Trip) -> Sequence[Problem]:
        return ()

    def names(self, trip: Trip) -> None:
        """Nobody keeps them."""

    def check_sender(self, trip: Trip) -> None:
        """Nobody has to let us."""

    def check_writing(self, trip: Trip) -> None:
        """As above."""

    def who_set(self, trip: Trip, ref: str, field: Field, since: datetime | None) -> Actor:
        return NOBODY

    def standing(self, trip: Trip, within: Sequence[str], cursor: str) -> Page:
        return Page()

    def changed(self, trip: Trip, since: datetime, cursor: str) -> Page:
        return Page()

    # What cannot be: there is no record to read, and none to write to.

    def thin_hook(self, ref: str) -> bytes:
        _no_record()

    def heard(self, note: Note) -> NoteSeen | FieldSeen:
        _no_record()

    def fetch(self, trip: Trip, ref: str) -> Record:
        _no_record()

    def notes(self, trip: Trip, ref: str) -> Sequence[Note]:
        _no_record()

    def find_author(self, trip: Trip, by: Actor) -> Author:
        return Author(by.email, why_not="Alerts have no users.")

    def set_status(self, trip: Trip, ref: str, status: Status, by: Actor, resolution_note: str) -> Applied:
        _no_record()

    def set_priority(self, trip: Trip, ref: str, priority: str, by: Actor) -> Applied:
        _no_record()

    def set_resolution_note(self, trip: Trip, ref: str, text: str, by: Actor) -> Applied:
        _no_record()

    def add_note(self, trip: Trip, ref: str, text: str, author: str, marker: str) -> Applied:
        _no_record()

    def link(self, trip: Trip, ref: str, url: str) -> Applied:
        _no_record()

    def find(self, trip: Trip, opening: Opening) -> Record | None:
        _no_record()

    def open(self, trip: Trip, opening: Opening) -> Record:
        _no_record()


def _seen(told: dict[str, str]) -> Seen:
    by = Actor(told["by"])
    if told["action"] == TRIGGER:
        return CaseOpened(told["summary"], told["alert"], told["severity"], told["connector"], by=by)
    if told["action"] not in STATUSES:
        raise Unreadable(f"There is no action {told['action']} of an alert.")
    # They are planned in the order they came in, and no record could be asked which came first.
    return FieldSeen(Field.STATUS, STATUSES[told["action"]], by, is_certain=True)


def _no_record() -> NoReturn:
    raise Refused("An alert is kept nowhere, so that there is nothing to read or to write to.", reason=Reason.ONE_WAY)
