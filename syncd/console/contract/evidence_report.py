"""A report of evidence as /v1 answers it: docs/evidence.md says what each field means."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import AwareDatetime

from syncd.evidence.facts.dataset import Name
from syncd.evidence.findings.judging import Result
from syncd.evidence.freshness import Outcome, State
from syncd.evidence.joined import Standing

from .operation import Answer

_Seconds = int | None


class EvidenceSubject(Answer):
    id: str
    name: str


class EvidenceWindow(Answer):
    start: AwareDatetime
    end: AwareDatetime


class EvidenceOf(Answer):
    name: str
    subdomain: str


class EvidenceTool(Answer):
    name: str
    version: str


class EvidenceDay(Answer):
    date: dt.date
    result: Result | None  # none: nobody judged it on that day


class EvidenceControls(Answer):
    """Controls that a check is evidence for."""

    soc2: list[str]
    iso27001: list[str]
    nist: list[str]


class EvidenceControl(Answer):
    check: str
    title: str
    question: str
    result: Result
    sentence: str
    judged: int
    in_order: int
    wrong: int
    accepted: int
    unread: int
    missing: list[str]  # what was not read, and what it takes
    why_not: str
    stated: str  # how it is measured
    for_information: bool
    cure: str
    controls: EvidenceControls
    collected_at: AwareDatetime | None  # of what it needs, what is oldest
    days: list[EvidenceDay]


class EvidenceException(Answer):
    check: str
    subject: str
    name: str
    sentence: str
    state: Literal["open", "accepted", "unknown"]
    first_seen: AwareDatetime | None
    owners: list[EvidenceSubject]
    people: list[EvidenceSubject]
    accepted_by: str
    accepted_until: AwareDatetime | None
    accepted_why: str


class EvidenceGap(Answer):
    start: AwareDatetime
    end: AwareDatetime
    why: str


class EvidenceDifference(Answer):
    start: AwareDatetime
    end: AwareDatetime
    computed: list[str]
    said: list[str]
    by: str


class EvidenceCoverage(Answer):
    schedule: str
    name: str
    owners: list[EvidenceSubject]
    window: EvidenceWindow | None
    gaps: list[EvidenceGap]
    unknown: str
    differences: list[EvidenceDifference]


class EvidenceLevel(Answer):
    level: int  # from 1
    window: EvidenceWindow | None
    gaps: list[EvidenceGap]
    unknown: str
    differences: list[EvidenceDifference]


class EvidencePolicy(Answer):
    policy: str
    name: str
    owners: list[EvidenceSubject]
    window: EvidenceWindow | None  # the days to come
    gaps: list[EvidenceGap]  # nobody at all would be called
    unknown: str
    levels: list[EvidenceLevel]


class EvidenceTarget(Answer):
    acknowledge_s: int
    resolve_s: int


class EvidenceGroup(Answer):
    id: str
    name: str
    incidents: int
    known: int
    merged: int
    acknowledged: int
    acknowledged_p50_s: _Seconds
    acknowledged_p90_s: _Seconds
    acknowledged_max_s: _Seconds
    resolved: int
    resolved_p50_s: _Seconds
    resolved_p90_s: _Seconds
    resolved_max_s: _Seconds
    never_acknowledged: int
    late_acknowledged: int
    late_resolved: int


class EvidenceBox(Answer):
    service: str
    name: str
    count: int
    p25_s: int
    p50_s: int
    p75_s: int
    p95_s: int


class EvidenceIncident(Answer):
    id: str
    number: int
    created_at: AwareDatetime
    status: str
    priority: str
    urgency: str
    service: str
    service_name: str
    teams: list[str]
    measured: str
    acknowledged_s: _Seconds
    acknowledged_by: str | None
    waited_s: _Seconds
    resolved_s: _Seconds
    resolved_by: str | None
    lasted_s: _Seconds
    reopened: int
    late_acknowledged: bool | None
    late_resolved: bool | None


class EvidenceTimes(Answer):
    stated: str
    targets: dict[str, EvidenceTarget]
    by_priority: list[EvidenceGroup]
    by_service: list[EvidenceGroup]
    by_team: list[EvidenceGroup]
    boxes: list[EvidenceBox]
    incidents: list[EvidenceIncident]


class EvidenceService(Answer):
    id: str
    name: str
    policy: str | None
    integrations: int | None


class EvidenceDataset(Answer):
    dataset: Name
    state: State
    every: int  # seconds
    collected_at: AwareDatetime | None
    next_at: AwareDatetime | None
    why: str
    requests: int
    known_since: AwareDatetime | None
    unfinished_since: AwareDatetime | None = None  # one is under way, or was left behind; answers of old do not say
    unfinished: str = ""  # how far it is, and who goes on


class EvidenceCollection(Answer):
    dataset: Name
    due_at: AwareDatetime
    state: Outcome
    ended_at: AwareDatetime | None


class EvidenceAcceptance(Answer):
    check: str
    subject: str
    by: str
    until: AwareDatetime
    why: str


class EvidenceCase(Answer):
    """A grave incident with its case beside it. Times of the two are by two clocks."""

    id: str
    number: int
    priority: str
    triggered_at: AwareDatetime
    acknowledged_at: AwareDatetime | None
    resolved_at: AwareDatetime | None
    has_note: bool | None  # a resolution note; null: its log was not read
    standing: Standing
    sentence: str
    case: str
    case_status: str
    case_url: str
    case_opened_at: AwareDatetime | None
    case_resolved_at: AwareDatetime | None
    case_closed_at: AwareDatetime | None


class EvidenceCases(Answer):
    stated: str
    incidents: list[EvidenceCase]


class EvidenceReport(Answer):
    format: str
    account: EvidenceOf
    asked_by: str
    made_at: AwareDatetime
    known_at: AwareDatetime
    window: EvidenceWindow
    tool: EvidenceTool
    counts: dict[Result, int]
    controls: list[EvidenceControl]
    exceptions: list[EvidenceException]
    acceptances: list[EvidenceAcceptance]
    coverage: list[EvidenceCoverage]
    policies: Sequence[EvidencePolicy] = ()  # answers that were given before 2026-11-23 have none
    times: EvidenceTimes
    cases: EvidenceCases
    critical_services: list[EvidenceService]
    datasets: list[EvidenceDataset]
    collections: list[EvidenceCollection]
    visible: list[str]  # what the key cannot see
    key: str  # how old it is
    rules: dict[str, Any]  # by the keys of [evidence]
