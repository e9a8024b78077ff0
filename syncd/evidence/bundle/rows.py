"""The rows that an answer was computed from, as tables: what was read of the account, after it was understood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

from syncd.evidence.facts.account import FIELDS, Facts
from syncd.evidence.facts.dataset import Dataset, Name
from syncd.evidence.facts.incidents import Incident, LogEntry
from syncd.evidence.facts.oncalls import OnCall
from syncd.evidence.facts.policies import Level, Policy
from syncd.evidence.facts.schedules import Covered
from syncd.evidence.facts.services import Service
from syncd.evidence.facts.teams import Member, Team
from syncd.evidence.facts.users import User
from syncd.evidence.report.plain import settled
from syncd.evidence.report.tables import Row, Table

#: Computed of others, or told by tables of their own; and digests of addresses, which are nobody's business.
_TOLD_ELSEWHERE = frozenset({Name.COVERAGE, Name.ROSTER})
_WITHOUT = {
    Name.USERS: {"address"},
    Name.POLICIES: {"levels"},
    Name.TEAMS: {"members"},
    Name.INCIDENTS: {"log"},
    Name.OPEN_INCIDENTS: {"log"},
}
#: The columns of a dataset that has no rows, so that its file says what would be there.
_KINDS: dict[Name, Any] = {
    Name.SERVICES: Service,
    Name.POLICIES: Policy,
    Name.ONCALLS: OnCall,
    Name.USERS: User,
    Name.TEAMS: Team,
    Name.INCIDENTS: Incident,
    Name.OPEN_INCIDENTS: Incident,
}


def tables_of(facts: Facts) -> Iterator[Table]:
    for name in FIELDS:
        if name not in _TOLD_ELSEWHERE:
            yield _of_dataset(facts.of(name))
    yield Table("missing", ("dataset", "part", "why", "needs"), partial(_missing, facts))
    yield Table(
        "escalation_levels", ("policy", "level", "delay_minutes", "target", "is_schedule"), partial(_levels, facts)
    )
    yield Table("team_members", ("team", "user", "role"), partial(_members, facts))
    yield Table("shifts", ("schedule", "start", "end", "user"), partial(_shifts, facts))
    yield Table("log_entries", ("incident", *_columns(LogEntry, set())), partial(_entries, facts))
    yield Table("seen", ("record", "state", "since", "was_otherwise"), partial(_seen, facts))


def _of_dataset(dataset: Dataset[Any]) -> Table:
    without = _WITHOUT.get(dataset.name, set())
    kind = type(dataset.rows[0]) if dataset.rows else _KINDS.get(dataset.name)
    columns = _columns(kind, without) if kind is not None else ("id",)
    return Table(str(dataset.name), columns, partial(_rows_of, dataset, columns))


def _rows_of(dataset: Dataset[Any], columns: tuple[str, ...]) -> Iterator[Row]:
    for one in _by_id(dataset.rows):
        yield {name: settled(getattr(one, name)) for name in columns}


def _columns(kind: Any, without: set[str]) -> tuple[str, ...]:  # noqa: ANN401 - a class of rows
    found = [one.name for one in fields(kind)] if is_dataclass(kind) else ["id"]
    return tuple(one for one in found if one not in without)


def _missing(facts: Facts) -> Iterator[Row]:
    for name in FIELDS:
        dataset = facts.of(name)
        if dataset.collected_at is None and not dataset.missing:
            yield {"dataset": str(name), "part": "", "why": "not_yet", "needs": ""}
        for one in dataset.missing:
            yield {"dataset": str(name), "part": one.part, "why": str(one.why), "needs": one.needs}


def _levels(facts: Facts) -> Iterator[Row]:
    for policy in _by_id(facts.policies.rows):
        for number, level in enumerate(policy.levels or (), 1):
            yield from (_target(policy.id, number, level, one) for one in level.targets)


def _target(policy: str, number: int, level: Level, target: Any) -> Row:  # noqa: ANN401
    said = {"target": target.id, "is_schedule": target.is_schedule}
    return {"policy": policy, "level": number, "delay_minutes": level.delay_minutes, **said}


def _members(facts: Facts) -> Iterator[Row]:
    for team in _by_id(facts.teams.rows):
        yield from (_member(team.id, one) for one in sorted(team.members or (), key=lambda one: (one.user, one.role)))


def _member(team: str, one: Member) -> Row:
    return {"team": team, "user": one.user, "role": one.role}


def _shifts(facts: Facts) -> Iterator[Row]:
    for one in _by_id(facts.coverage.rows):
        yield from _shifts_of(one)


def _shifts_of(one: Covered) -> Iterator[Row]:
    for shift in one.coverage.shifts:
        said = {"start": settled(shift.span.start), "end": settled(shift.span.end)}
        yield {"schedule": one.id, **said, "user": shift.person}


def _entries(facts: Facts) -> Iterator[Row]:
    known = {one.id: one for one in (*facts.open_incidents.rows, *facts.incidents.rows)}
    for incident in _by_id(known.values()):
        for one in incident.log or ():
            yield {"incident": incident.id, **{each.name: settled(getattr(one, each.name)) for each in fields(one)}}


def _seen(facts: Facts) -> Iterator[Row]:
    for record, one in sorted(facts.seen.items()):
        yield {"record": record, "state": one.state, "since": settled(one.since), "was_otherwise": one.was_otherwise}


def _by_id(rows: Iterable[Any]) -> list[Any]:
    return sorted(rows, key=lambda one: str(one.id))
