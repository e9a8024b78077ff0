"""The events of a case desk that speaks our own form, read into our vocabulary. The built-in cases and `casedesk` share it.

A body is `{"type": "case.resolved", "timestamp": …, "data": {"case": {…}, "comment": {…}, "by": …, "connector": …, "service": …}}`. Whose address
an account is to act as, `by_email` tells beside `by`, and `author_email` beside a comment's `author`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from syncd.core.changes import Actor, CaseOpened, Field, FieldSeen, NoteSeen, Seen, Status
from syncd.errors import Unreadable

from .document import NAME_LIMIT, NotADocument, moment, pick_list, pick_text
from .document import parse as parse_json
from .port import Hint

Json = Mapping[str, Any]

OPENED, COMMENTED, PRIORITISED, RESOLVED, NOTED = (
    "case.opened",
    "case.commented",
    "case.priority_changed",
    "case.resolved",
    "case.resolution_noted",
)
THIN = "case.changed"
_ADDRESS = re.compile(r"[!-~]{1,100}@[!-~]{1,120}")
_OF_AN_OPENING = ("key", "title", "body", "priority", "connector", "url", "source", "team", "labels", "service")
STATUS_TYPES = frozenset(
    {"case.acknowledged", "case.unacknowledged", RESOLVED, "case.closed", "case.reopened"},
)


def parse(body: bytes, our_name: str = "") -> Hint:
    """`our_name` is the account that our own writes are made with, where the desk has one."""
    event = _mapping(_loaded(body), "the event")
    event_type = _text(event, "type")
    data = event.get("data")
    if not event_type:
        raise Unreadable("The event has no type.")
    case = _part(data, "case") if isinstance(data, Mapping) else {}
    ref = _name(case, "key")
    if event_type == THIN:
        return Hint(event_type, ref, is_thin=True)
    if not ref or not isinstance(data, Mapping):
        return Hint(event_type)
    at = _moment(case, "updated_at") or _moment(event, "timestamp")
    by = told_by(_text(data, "by"), _text(data, "by_email"), our_name)
    return Hint(event_type, ref, _seen(event_type, case, data, by, at), at)


def told_by(name: str, email: str = "", our_name: str = "") -> Actor:
    """A desk may tell the address apart, or with the name: `Ann Lee <ann@example.com>`, or as the name."""
    if our_name and name == our_name:
        return Actor(name, is_us=True)
    said, address = parseaddr(name) if "@" in name else ("", "")
    if not _ADDRESS.fullmatch(address):
        said, address = "", ""
    email = email.strip()
    return Actor(said or name, email=email if _ADDRESS.fullmatch(email) else address)


def thin(ref: str) -> bytes:
    """The body of a hook that says no more than: look at this case."""
    return json.dumps({"type": THIN, "data": {"case": {"key": ref}}}).encode()


def opening(case: Json, at: datetime) -> bytes:
    """The body of the hook by which this case asked for its incident, as far as the case itself tells."""
    told = {name: case[name] for name in _OF_AN_OPENING if name in case}
    return json.dumps({"type": OPENED, "timestamp": at.isoformat(), "data": {"case": told}}).encode()


def _seen(event_type: str, case: Json, data: Json, by: Actor, at: datetime | None) -> tuple[Seen, ...]:
    if event_type == OPENED:
        return (_opened(case, data, by, at),)
    if event_type in STATUS_TYPES:
        return _status_seen(event_type, case, by, at)
    if event_type == PRIORITISED:
        return (FieldSeen(Field.PRIORITY, _text(case, "priority"), by, at),)
    if event_type == NOTED:
        return (FieldSeen(Field.RESOLUTION_NOTE, _text(case, "resolution_note"), by, at),)
    if event_type == COMMENTED:
        return _comment_seen(_part(data, "comment"), by, at)
    return ()


def _opened(case: Json, data: Json, by: Actor, at: datetime | None) -> CaseOpened:
    """What only rules look at, and the service, is taken as it is: a desk that means something else by it still gets its incident."""
    return CaseOpened(
        title=_text(case, "title"),
        body=_text(case, "body"),
        priority=_text(case, "priority"),
        connector=_text(data, "connector") or _text(case, "connector"),
        url=_text(case, "url"),
        by=by,
        at=at,
        source=pick_text(case, "source"),
        team=pick_text(case, "team"),
        labels=tuple(one for one in pick_list(case, "labels") if isinstance(one, str)),
        service=pick_text(data, "service") or pick_text(case, "service"),
    )


def _status_seen(event_type: str, case: Json, by: Actor, at: datetime | None) -> tuple[Seen, ...]:
    try:
        status = Status(_text(case, "status"))
    except ValueError as error:
        raise Unreadable(f"The event says a status that no case has: {case.get('status')!r}.") from error
    is_reopening = event_type == "case.reopened"
    seen = FieldSeen(Field.STATUS, status, by, at, is_reopening=is_reopening)
    note = _text(case, "resolution_note")
    if event_type != RESOLVED or not note:
        return (seen,)
    return (seen, FieldSeen(Field.RESOLUTION_NOTE, note, by, at))


def _comment_seen(comment: Json, by: Actor, at: datetime | None) -> tuple[Seen, ...]:
    note_id = _name(comment, "id")
    if not note_id:
        raise Unreadable("The event of a comment carries no comment with an id.")
    author = _text(comment, "author")
    if author:
        theirs = told_by(author, _text(comment, "author_email"))
        is_same = theirs.name == by.name
        by = replace(theirs, is_us=by.is_us, email=theirs.email or (by.email if is_same else ""))
    return (NoteSeen(note_id, _text(comment, "text"), by, at),)


def _loaded(body: bytes) -> object:
    try:
        return parse_json(body.decode())
    except (UnicodeDecodeError, NotADocument) as error:
        raise Unreadable("The hook's body is not JSON that can be read.") from error


def _mapping(value: object, what: str) -> Json:
    if not isinstance(value, Mapping):
        raise Unreadable(f"In the body {what} is not an object.")
    return value


def _part(data: Json, name: str) -> Json:
    value = data.get(name)
    return {} if value is None else _mapping(value, name)


def _text(of: Json, name: str) -> str:
    value = of.get(name)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Unreadable(f"In the body {name} is not a text.")
    return value


def _name(of: Json, name: str) -> str:
    value = _text(of, name)
    if len(value) > NAME_LIMIT:
        raise Unreadable(f"In the body {name} is longer than {NAME_LIMIT} characters.")
    return value


def _moment(of: Json, name: str) -> datetime | None:
    text = _text(of, name)
    if not text:
        return None
    at = moment(text, zone=None)
    if at is None:
        raise Unreadable(f"In the body {name} is no time with a zone.")
    return at
