"""/v1/cases, /v1/names and /v1/alerts as declared."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from syncd.console.bodies import (
    Acknowledge,
    Act,
    Close,
    Comment,
    OpenCase,
    Reopen,
    ResolutionNote,
    Resolve,
    SendAlert,
    SetPriority,
)
from syncd.console.queries import CaseQuery
from syncd.core.changes import Status

from .operation import Answer, Operation


class Case(Answer):
    key: str
    title: str
    body: str
    status: Status
    priority: str
    source: str
    team: str
    labels: list[str]
    resolution_note: str
    incident_url: str
    connector: str
    service: str
    url: str
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime


class CaseComment(Answer):
    id: str
    text: str
    author: str
    at: AwareDatetime
    via: str


class CaseLine(Answer):
    id: str
    at: AwareDatetime
    kind: str
    value: str
    text: str
    by: str
    via: str


class CaseFile(Case):
    comments: list[CaseComment]
    timeline: list[CaseLine]


class CaseChanged(Case):
    changed: bool


class CasePage(Answer):
    cases: list[Case]
    next: str | None


class Names(Answer):
    statuses: list[str]
    priorities: list[str]


class AlertTaken(Answer):
    connector: str
    action: Literal["trigger", "acknowledge", "resolve"]
    dedup_key: str
    record: str
    is_new: bool


def _act(act: str, summary: str, body: type[Act]) -> Operation:
    answers = {201: CaseComment} if body is Comment else {200: CaseChanged}
    return Operation("POST", f"/v1/cases/{{key}}/{act}", summary, answers, body)


OPERATIONS = (
    Operation(
        "GET",
        "/v1/cases",
        "The built-in cases, the newest first",
        {200: CasePage},
        query=CaseQuery,
        problems=frozenset({404}),  # `before` names a case
    ),
    Operation(
        "POST",
        "/v1/cases",
        "Open a case, which opens an incident",
        {201: Case, 200: Case},
        OpenCase,
        keeps_own_key=True,
    ),
    Operation("GET", "/v1/cases/{key}", "One case, with its comments and its timeline", {200: CaseFile}),
    Operation("GET", "/v1/names", "The words for statuses and priorities, for whoever maps them", {200: Names}),
    _act("acknowledge", "Acknowledge a case", Acknowledge),
    _act("resolve", "Resolve a case", Resolve),
    _act("close", "Close a case", Close),
    _act("reopen", "Reopen a case", Reopen),
    _act("priority", "Give a case another priority", SetPriority),
    _act("resolution-note", "Write the resolution note of a case", ResolutionNote),
    _act("comments", "Comment on a case", Comment),
    Operation(
        "POST",
        "/v1/alerts",
        "Send an alert by a connector with a service key",
        {202: AlertTaken, 200: AlertTaken},
        SendAlert,
        keeps_own_key=True,
    ),
)
