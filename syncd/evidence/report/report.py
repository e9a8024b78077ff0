"""All that one answer says of an account: what became of each check, why, since when, and what it was made from. A value, made purely."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.incidents import Incident
from syncd.evidence.facts.services import Service
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.judging import Acceptance, Finding, findings
from syncd.evidence.findings.services import critical_services
from syncd.evidence.freshness import DueCollection, Freshness
from syncd.evidence.joined import Joined, joined
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from syncd.evidence.times import By, Group, Measured, Times, groups, percentile, stated, times

from .covering import PolicyLine, ScheduleLine, policy_lines, schedule_lines
from .strips import Day, Told, strips

Subject = tuple[str, str]  # a check's id, and the subject's


@dataclass(frozen=True, slots=True)
class Account:
    slug: str
    subdomain: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for, by whom and when."""

    account: Account
    asked_by: str
    made_at: datetime
    window: Span
    known_at: datetime  # as it was known then
    version: str  # of this tool


@dataclass(frozen=True, slots=True)
class History:
    """What is known of earlier judgings."""

    results: tuple[Told, ...] = ()
    first_seen: Mapping[Subject, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected besides the facts themselves: how freshly, what was due, and what nobody can see."""

    freshness: tuple[Freshness, ...] = ()
    due: tuple[DueCollection, ...] = ()
    visible: tuple[str, ...] = ()  # sentences: what the key cannot see
    key: str = ""  # a sentence: how old it is


@dataclass(frozen=True, slots=True)
class Box:
    """How long people took to acknowledge a service's incidents: quarters, and 95 of a hundred."""

    service: str
    count: int
    p25: timedelta
    p50: timedelta
    p75: timedelta
    p95: timedelta


@dataclass(frozen=True, slots=True)
class Report:
    wanted: Wanted
    rules: Rules
    findings: tuple[Finding, ...]
    strips: Mapping[str, tuple[Day, ...]]
    first_seen: Mapping[Subject, datetime]
    acceptances: tuple[Acceptance, ...]
    coverage: tuple[ScheduleLine, ...]
    policies: tuple[PolicyLine, ...]  # over the days to come
    sheet: tuple[Times, ...]  # of each incident that began in the window
    groups: Mapping[By, tuple[Group, ...]]
    boxes: tuple[Box, ...]
    stated: str  # how times are measured
    cases: tuple[Joined, ...]  # of the gravest incidents, each with its case
    critical: tuple[Service, ...]
    collected: Collected
    collected_at: Mapping[str, datetime | None]  # of each check: when the oldest of what it needs was collected
    names: Mapping[str, str]  # of services, schedules, teams and users, by their ids
    owners: Mapping[str, tuple[str, ...]]  # ids of teams, by the ids of what is theirs


def report_of(
    facts: Facts,
    rules: Rules,
    wanted: Wanted,
    acceptances: Iterable[Acceptance] = (),
    collected: Collected = Collected(),
    history: History = History(),
) -> Report:
    at, accepted = wanted.known_at, tuple(acceptances)
    found = findings(facts, rules, at, accepted, wanted.window)
    told = (*history.results, *(Told(one.check, at, one.result) for one in found))
    sheet = tuple(times(one, rules, at) for one in _begun(facts, wanted.window))
    return Report(
        wanted=wanted,
        rules=rules,
        findings=found,
        strips=strips(told, [one.id for one in CATALOGUE], at),
        first_seen=_since(found, history, at),
        acceptances=accepted,
        coverage=tuple(schedule_lines(facts)),
        policies=tuple(policy_lines(facts, rules.ahead(at))),
        sheet=sheet,
        groups={by: groups(sheet, by, rules) for by in By},
        boxes=tuple(_boxes(sheet)),
        stated=stated(rules),
        cases=tuple(joined(facts, rules, wanted.window)),
        critical=critical_services(facts, rules.critical),
        collected=collected,
        collected_at={one.id: _oldest(facts.of(name).collected_at for name in one.needs) for one in CATALOGUE},
        names=_names(facts),
        owners=_owners(facts),
    )


def _begun(facts: Facts, window: Span) -> list[Incident]:
    found = [one for one in facts.incidents.rows if window.start <= one.created_at < window.end]
    return sorted(found, key=lambda one: (one.created_at, one.id))


def _since(found: Iterable[Finding], history: History, at: datetime) -> Mapping[Subject, datetime]:
    """What nobody has seen before is new by this very judging."""
    wrong = [(one.check, remark.subject) for one in found for remark in (*one.wrong, *one.accepted)]
    return {subject: min(history.first_seen.get(subject, at), at) for subject in wrong}


def _oldest(moments: Iterable[datetime | None]) -> datetime | None:
    """None, if one of them never was."""
    known: list[datetime] = []
    for one in moments:
        if one is None:
            return None
        known.append(one)
    return min(known, default=None)


def _boxes(sheet: Iterable[Times]) -> Iterable[Box]:
    taken: dict[str, list[timedelta]] = {}
    for one in sheet:
        if one.measured is Measured.YES and one.acknowledged is not None:
            taken.setdefault(one.incident.service, []).append(one.acknowledged)
    for service, values in sorted(taken.items(), key=lambda item: (-len(item[1]), item[0])):
        ordered = sorted(values)
        p25, p50, p75, p95 = (percentile(ordered, percent) for percent in (25, 50, 75, 95))
        yield Box(service, len(ordered), p25, p50, p75, p95)


def _names(facts: Facts) -> Mapping[str, str]:
    named: tuple[Any, ...] = (
        *facts.services.rows,
        *facts.policies.rows,
        *facts.schedules.rows,
        *facts.teams.rows,
        *facts.users.rows,
    )
    return {one.id: one.name for one in named}


def _owners(facts: Facts) -> Mapping[str, tuple[str, ...]]:
    owned: tuple[Any, ...] = (
        *facts.services.rows,
        *facts.policies.rows,
        *facts.schedules.rows,
        *facts.incidents.rows,
        *facts.users.rows,
    )
    return {one.id: tuple(sorted(one.teams)) for one in owned if one.teams}
