"""A report as tables, from its JSON: what a spreadsheet is given, one file for each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from syncd.core.harmless import in_cell

from .plain import Plain

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[str, ...]  # also of one without rows
    begin: Callable[
        [], Iterable[Row]
    ]  # each time from the first: there is a file for spreadsheets and one for programs

    @property
    def rows(self) -> Iterable[Row]:
        return self.begin()


_GROUP = (
    "id",
    "name",
    "incidents",
    "known",
    "merged",
    *(f"{what}{part}" for what in ("acknowledged", "resolved") for part in ("", "_p50_s", "_p90_s", "_max_s")),
    "never_acknowledged",
    "late_acknowledged",
    "late_resolved",
)
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "controls": (
        *("check", "title", "question", "result", "sentence", "judged", "in_order", "wrong", "accepted", "unread"),
        *("missing", "stated", "for_information", "soc2", "iso27001", "nist", "cure", "collected_at"),
    ),
    "days": ("check", "date", "result"),
    "exceptions": (
        *("check", "subject", "name", "sentence", "state", "first_seen", "owners", "people"),
        *("accepted_by", "accepted_until", "accepted_why"),
    ),
    "acceptances": ("check", "subject", "by", "until", "why"),
    "gaps": ("schedule", "name", "start", "end", "minutes", "why"),
    "differences": ("schedule", "name", "start", "end", "computed", "said", "by"),
    "policy_gaps": ("policy", "name", "level", "start", "end", "minutes", "why"),
    "policy_differences": ("policy", "name", "level", "start", "end", "computed", "said", "by"),
    "times_by_priority": _GROUP,
    "times_by_service": _GROUP,
    "times_by_team": _GROUP,
    "incident_times": (
        *(
            "id",
            "number",
            "created_at",
            "status",
            "priority",
            "urgency",
            "service",
            "service_name",
            "teams",
            "measured",
        ),
        *("acknowledged_s", "acknowledged_by", "waited_s", "resolved_s", "resolved_by", "lasted_s", "reopened"),
        *("late_acknowledged", "late_resolved"),
    ),
    "cases": (
        *(
            "id",
            "number",
            "priority",
            "triggered_at",
            "acknowledged_at",
            "resolved_at",
            "has_note",
            "standing",
            "sentence",
        ),
        *("case", "case_status", "case_opened_at", "case_resolved_at", "case_closed_at", "case_url"),
    ),
    "critical_services": ("id", "name", "policy", "integrations"),
    "datasets": (
        "dataset",
        "state",
        "every",
        "collected_at",
        "next_at",
        "why",
        "requests",
        "unfinished_since",
        "unfinished",
    ),
    "collections": ("dataset", "due_at", "state", "ended_at"),
    "rules": ("key", "value"),
}


def tables(report: Plain) -> Iterator[Table]:
    for name, columns in COLUMNS.items():
        yield Table(name, columns, partial(_rows, report, name))


def _rows(report: Plain, name: str) -> Iterable[Row]:
    rows: Mapping[str, Iterable[Row]] = {
        "controls": ({**one, **one["controls"]} for one in report["controls"]),
        "days": ({"check": one["check"], **day} for one in report["controls"] for day in one["days"]),
        "exceptions": report["exceptions"],
        "acceptances": report["acceptances"],
        "gaps": (row for one in report["coverage"] for row in _gaps(one, {"schedule": one["schedule"]})),
        "differences": (
            {"schedule": one["schedule"], "name": one["name"], **each}
            for one in report["coverage"]
            for each in one["differences"]
        ),
        "policy_gaps": _policy_gaps(report),
        "policy_differences": (
            {"policy": one["policy"], "name": one["name"], "level": level["level"], **each}
            for one in report.get("policies", ())
            for level in one["levels"]
            for each in level["differences"]
        ),
        "times_by_priority": report["times"]["by_priority"],
        "times_by_service": report["times"]["by_service"],
        "times_by_team": report["times"]["by_team"],
        "incident_times": report["times"]["incidents"],
        "cases": report["cases"]["incidents"],
        "critical_services": report["critical_services"],
        "datasets": report["datasets"],
        "collections": report["collections"],
        "rules": ({"key": key, "value": value} for key, value in report["rules"].items()),
    }
    return rows[name]


def _gaps(one: Plain, of: Row) -> Iterator[Row]:
    named = {**of, "name": one["name"]}
    for gap in one["gaps"]:
        yield {**named, **gap, "minutes": minutes(gap["start"], gap["end"])}
    if one["unknown"]:
        yield {**named, "why": f"unknown: {one['unknown']}"}


def _policy_gaps(report: Plain) -> Iterator[Row]:
    """Of the policy as a whole, when nobody would be called, without a level; then of each level. Answers of old have none."""
    for one in report.get("policies", ()):
        of = {"policy": one["policy"]}
        yield from _gaps(one, of)
        for level in one["levels"]:
            yield from _gaps({**level, "name": one["name"]}, {**of, "level": level["level"]})


def minutes(start: str, end: str) -> int:
    return int((datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() // 60)


def csv_lines(table: Table) -> Iterator[str]:
    """No cell is a formula, every row is one line, and what has parts is joined."""
    yield _line(table.columns)
    for row in table.rows:
        yield _line(_cell(row.get(name)) for name in table.columns)


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(list(cells))
    return text.getvalue()


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return in_cell(value)
        case list() if all(isinstance(one, str) for one in value):
            return in_cell("; ".join(value))
        case list() if all(isinstance(one, Mapping) and "id" in one for one in value):
            return in_cell("; ".join(str(one.get("name") or one["id"]) for one in value))
        case Mapping() | Sequence():
            return in_cell(json.dumps(value, sort_keys=True))
        case _:
            return value


def ndjson_lines(table: Table) -> Iterator[str]:
    """In ASCII, so that no sign in it moves a cursor or turns a line around."""
    for row in table.rows:
        yield json.dumps({name: row.get(name) for name in table.columns}) + "\n"
