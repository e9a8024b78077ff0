"""What both sides say at one moment, and in what they differ. Made of their own answers only; no I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from syncd.console.demo.mishaps import ALL_WELL, Standing
from syncd.console.demo_plan import DemoPlan

Json = Mapping[str, Any]

CASE, INCIDENT = "case", "incident"
FROM_PAGERDUTY = "PagerDuty"
_PREFIX = "Resolution Note: "  # how PagerDuty's own interface marks one
_COUNTERPART = {"open": "triggered", "acknowledged": "acknowledged", "resolved": "resolved"}


@dataclass(frozen=True, slots=True)
class Line:
    at: str
    author: str
    text: str
    is_ours: bool  # written by syncd for somebody on the other side


@dataclass(frozen=True, slots=True)
class CasePane:
    key: str
    title: str
    status: str
    priority: str
    resolution_note: str
    incident_url: str
    comments: tuple[Line, ...]
    is_reopened: bool  # by a person, after it was resolved or closed


@dataclass(frozen=True, slots=True)
class IncidentPane:
    id: str
    number: int
    title: str
    status: str
    priority: str
    url: str
    notes: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Panes:
    """A side that cannot be read is its trouble instead; one that is not there yet is None."""

    case: CasePane | str | None
    incident: IncidentPane | str | None
    did: tuple[Json, ...] = ()
    link: str = ""  # its number
    standing: Standing = ALL_WELL


def case_pane(case: Json) -> CasePane:
    lines = [Line(it["at"], it["author"], it["text"], it["via"] == FROM_PAGERDUTY) for it in case["comments"]]
    moves = [it for it in case["timeline"] if it["kind"] in {"resolve", "close", "reopen"}]
    return CasePane(
        key=case["key"],
        title=case["title"],
        status=case["status"],
        priority=case["priority"],
        resolution_note=case["resolution_note"],
        incident_url=case["incident_url"],
        comments=tuple(lines),
        is_reopened=bool(moves) and moves[-1]["kind"] == "reopen" and moves[-1]["via"] != FROM_PAGERDUTY,
    )


def incident_pane(incident: Json, plan: DemoPlan) -> IncidentPane:
    priority = incident.get("priority") or {}
    return IncidentPane(
        id=incident["id"],
        number=incident["incident_number"],
        title=incident.get("title") or "",
        status=incident["status"],
        priority=priority.get("name") or priority.get("summary") or "",
        url=incident.get("html_url") or "",
        notes=tuple(sorted((_note(it, plan) for it in incident["notes"]), key=lambda line: line.at)),
    )


def _note(note: Json, plan: DemoPlan) -> Line:
    author = (note.get("user") or {}).get("summary") or ""
    return Line(note["created_at"], author, note["content"], author == plan.sync_user)


def differences(panes: Panes) -> dict[str, str]:
    """What differs -> the side that is behind, where that can be told from one look; else an empty word."""
    case, incident = panes.case, panes.incident
    if not isinstance(case, CasePane) or not isinstance(incident, IncidentPane):
        return {}
    found: dict[str, str] = {}
    if case.status != "closed":
        if not _is_status_in_step(case, incident):
            found["status"] = ""
        if incident.priority and incident.priority != case.priority:
            found["priority"] = ""
    on_case = [line.text for line in case.comments] + [case.resolution_note]
    if _missing([_without_prefix(line.text) for line in incident.notes if not line.is_ours], on_case):
        found["notes on the case"] = CASE
    said = [line.text for line in case.comments if not line.is_ours]
    note = [case.resolution_note] if case.resolution_note else []
    if _missing(said + note, [line.text for line in incident.notes]):
        found["notes on the incident"] = INCIDENT
    return found


def _is_status_in_step(case: CasePane, incident: IncidentPane) -> bool:
    # A person who reopens a case does not page anybody: the incident stays resolved and is told by a note.
    stays = case.is_reopened and case.status != "resolved" and incident.status == "resolved"
    return stays or _COUNTERPART[case.status] == incident.status


def _without_prefix(text: str) -> str:
    return text.removeprefix(_PREFIX)


def _missing(wanted: Sequence[str], there: Sequence[str]) -> bool:
    """Each text must stand over there, after a name or not, as many times as it was said here."""
    left = list(there)
    for text in wanted:
        found = next((each for each in left if each.endswith(text)), None)
        if found is None:
            return True
        left.remove(found)
    return False


def changed_side(before: Panes, now: Panes, what: str) -> str:
    """Which side moved between two looks; empty when that cannot be told."""
    has_case_moved = _said(before.case, what) != _said(now.case, what)
    has_incident_moved = _said(before.incident, what) != _said(now.incident, what)
    if has_case_moved is has_incident_moved:
        return ""
    return CASE if has_case_moved else INCIDENT


def _said(pane: CasePane | IncidentPane | str | None, what: str) -> object:
    return getattr(pane, what, None)
