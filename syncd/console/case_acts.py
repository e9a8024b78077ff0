"""What a request may do to a case, by name: the one list that /v1 and the command line share."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from syncd.console.bodies import (
    Acknowledge,
    Act,
    Close,
    Comment,
    OpenCase,
    Reopen,
    ResolutionNote,
    Resolve,
    SetPriority,
)
from syncd.console.queries import CaseQuery
from syncd.errors import NotFound
from syncd.store.case_json import Json, case_as_json, comment_as_json
from syncd.store.cases import Cases, Done, Hand, NewCase

BODIES: Mapping[str, type[Act]] = {
    "acknowledge": Acknowledge,
    "resolve": Resolve,
    "close": Close,
    "reopen": Reopen,
    "priority": SetPriority,
    "resolution-note": ResolutionNote,
    "comments": Comment,
}


def new_case(body: OpenCase) -> NewCase:
    return NewCase(
        body.title, body.body, body.priority, body.connector, body.source, body.team, body.labels, body.service
    )


def do(cases: Cases, key: str, body: Act, via: str) -> Json:
    """The comment, when it is one; else the case, with whether this changed it."""
    done = _done(cases, key, body, Hand(body.by, via))
    if isinstance(body, Comment) and done.event is not None:
        return comment_as_json(done.event)
    return {**case_as_json(done.case, cases.site), "changed": done.is_new}


def _done(cases: Cases, key: str, body: Act, hand: Hand) -> Done:
    match body:
        case Acknowledge():
            return cases.acknowledge(key, hand)
        case Resolve(note=note):
            return cases.resolve(key, hand, note)
        case Close():
            return cases.close(key, hand)
        case Reopen():
            return cases.reopen(key, hand)
        case SetPriority(priority=priority):
            return cases.set_priority(key, hand, priority)
        case ResolutionNote(text=text):
            return cases.set_resolution_note(key, hand, text)
        case Comment(text=text):
            return cases.comment(key, hand, text)
        case _:
            raise NotFound(f"{type(body).__name__} is nothing that can be done to a case.")


def listed(cases: Cases, asked: CaseQuery, scope: Collection[str] = ()) -> list[Json]:
    columns = {"status": asked.status, "priority": asked.priority, "connector": asked.connector}
    filters = {column: value for column, value in columns.items() if value is not None}
    found = cases.listing(filters, limit=asked.limit, before=asked.before, scope=scope)
    return [case_as_json(case, cases.site) for case in found]


def reused(key: str) -> str:
    return f"This Idempotency-Key opened {key} with other words; use a new key for a new case."
