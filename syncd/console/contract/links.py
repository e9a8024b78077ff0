"""/v1/links, /v1/conflicts and /v1/repairs as declared."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime

from syncd.console.bodies import (
    PauseLink,
    Repair,
    ResolveConflict,
    ResumeLink,
)
from syncd.console.queries import ConflictQuery, LinkQuery, RepairQuery
from syncd.core.link import LinkState

from .operation import Answer, Operation


class FieldInConflict(Answer):
    link: int
    case_id: str
    incident_id: str
    field: Literal["priority", "resolution_note"]
    case: str
    case_by: str
    case_at: AwareDatetime | None
    incident: str
    incident_name: str
    incident_by: str
    incident_at: AwareDatetime | None
    since: AwareDatetime | None


class Link(Answer):
    id: int
    key: str
    case_system: str
    case_id: str
    integration: str
    incident_id: str | None
    connector: str
    state: LinkState
    reason: str
    is_paused: bool
    case_url: str
    incident_url: str
    title: str
    body: str
    known: dict[str, Any]
    wanted: dict[str, Any]
    version: int
    created_at: AwareDatetime
    opened_at: AwareDatetime | None
    shard: int
    pause_reason: str
    paused_at: AwareDatetime | None
    resumed_at: AwareDatetime | None
    conflicts: list[FieldInConflict]
    is_in_conflict: bool
    opening: dict[str, Any]
    is_cut: bool
    no_address: str


class LinkChanged(Link):
    changed: bool
    says: str


class LinkPage(Answer):
    links: list[Link]
    next: int | None  # the `before` of the page that follows


class Difference(Answer):
    what: str
    case: str
    incident: str
    incident_name: str
    why: str
    remedy: str


class Comparison(Answer):
    link: int
    case_id: str
    incident_id: str
    is_on_its_way: bool
    differences: list[Difference]
    in_conflict: list[str]
    remedy: str
    apart: list[str]
    kept_back: list[str]


class Conflicts(Answer):
    conflicts: list[FieldInConflict]


class Decision(Answer):
    link: int
    field: Literal["priority", "resolution_note"]
    to: Literal["case", "pagerduty"]
    by: str
    says: str


class RepairState(Answer):
    id: int
    integration: str
    since: AwareDatetime
    why: str
    asked_by: str
    asked_at: AwareDatetime
    state: Literal["waiting", "running", "done", "failed"]
    next_at: AwareDatetime
    requests: int
    found: int | None
    detail: str
    ended_at: AwareDatetime | None
    is_deep: bool
    records: int


class Repairs(Answer):
    repairs: list[RepairState]


_LINK = "/v1/links/{link:number}"

OPERATIONS = (
    Operation("GET", "/v1/links", "Links, the newest first", {200: LinkPage}, query=LinkQuery),
    Operation("GET", _LINK, "One link, with what is known of both sides", {200: Link}),
    Operation("POST", f"{_LINK}/pause", "Write nothing for a link until it is resumed", {200: LinkChanged}, PauseLink),
    Operation("POST", f"{_LINK}/resume", "Let a paused link go on", {200: LinkChanged}, ResumeLink),
    Operation(
        "GET",
        f"{_LINK}/compare",
        "What both sides say at this moment, and where they differ",
        {200: Comparison},
        asks_far_side=True,
        problems=frozenset({409}),
    ),
    Operation(
        "GET",
        "/v1/conflicts",
        "Fields that both sides changed at once and that wait for a person",
        {200: Conflicts},
        query=ConflictQuery,
    ),
    Operation(
        "POST",
        "/v1/conflicts/resolve",
        "Decide which side's value of a field stands",
        {200: Decision},
        ResolveConflict,
    ),
    Operation("GET", "/v1/repairs", "Looks for what no hook has told", {200: Repairs}, query=RepairQuery),
    Operation(
        "POST",
        "/v1/repairs",
        "Look over accounts for what was changed and never told",
        {202: Repairs},
        Repair,
    ),
)
