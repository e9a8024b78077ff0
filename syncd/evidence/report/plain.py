"""A report as JSON: the form it is kept in, and that the page, the tables and a comparison are made from. Field names are stable."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from syncd.evidence.comparison import Differences
from syncd.evidence.coverage import Coverage
from syncd.evidence.findings.catalogue import CHECKS
from syncd.evidence.findings.judging import Finding, Remark
from syncd.evidence.joined import STATED, Joined
from syncd.evidence.rules.values import OTHERS, Rules
from syncd.evidence.times import By, Group, Spread, Times, is_late_acknowledged, is_late_resolved

from .covering import LevelLine, PolicyLine, ScheduleLine
from .report import Box, Report

FORMAT = "syncd-evidence-report/1"
Plain = dict[str, Any]
_PLAIN = frozenset({str, int, bool, type(None)})


def plain(report: Report) -> Plain:
    wanted = report.wanted
    found = {
        "format": FORMAT,
        "account": {"name": wanted.account.slug, "subdomain": wanted.account.subdomain},
        "asked_by": wanted.asked_by,
        "made_at": wanted.made_at,
        "known_at": wanted.known_at,
        "window": {"start": wanted.window.start, "end": wanted.window.end},
        "tool": {"name": "syncd", "version": wanted.version},
        "counts": _counts(report.findings),
        "controls": [_control(one, report) for one in report.findings],
        "exceptions": [one for finding in report.findings for one in _exceptions(finding, report)],
        "acceptances": [asdict(one) for one in report.acceptances],
        "coverage": [_schedule(one, report) for one in report.coverage],
        "policies": [_policy(one, report) for one in report.policies],
        "times": _times(report),
        "cases": {"stated": STATED, "incidents": [_joined(one) for one in report.cases]},
        "critical_services": [
            {"id": one.id, "name": one.name, "policy": one.policy, "integrations": one.integrations}
            for one in report.critical
        ],
        "datasets": [asdict(one) for one in report.collected.freshness],
        "collections": [asdict(one) for one in report.collected.due],
        "visible": list(report.collected.visible),
        "key": report.collected.key,
        "rules": rules_as_json(report.rules),
    }
    return cast("Plain", settled(found))


def canonical(value: object, *, indent: int | None = None) -> bytes:
    """The same bytes for the same value, wherever it is written. With an indent for people, which takes ten times as long."""
    return (json.dumps(settled(value), ensure_ascii=True, indent=indent, sort_keys=True) + "\n").encode("ascii")


def settled(value: Any) -> Any:  # noqa: ANN401 - JSON
    """As it is when it has been read again, the order of names included."""
    if type(value) in _PLAIN:
        return value
    match value:
        case date() | timedelta():
            return _time(value)
        case StrEnum():
            return str(value)
        case Mapping():
            return {str(name): settled(value[name]) for name in sorted(value, key=str)}
        case frozenset() | set():
            return sorted(settled(one) for one in value)
        case list() | tuple():
            return [settled(one) for one in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return settled(asdict(value))
        case _:
            return value


def _time(value: date | timedelta) -> str | int:
    """A moment, a day, or a length in seconds."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case timedelta():
            return int(value.total_seconds())


def rules_as_json(rules: Rules) -> Plain:
    return cast("Plain", settled(asdict(rules)))


def _counts(found: Sequence[Finding]) -> Mapping[str, int]:
    words = ("pass", "fail", "accepted", "unknown", "not_applicable")
    return {word: sum(one.result == word for one in found) for word in words}


def _control(found: Finding, report: Report) -> Plain:
    check = CHECKS[found.check]
    return {
        "check": check.id,
        "title": check.title,
        "question": check.question,
        "result": found.result,
        "sentence": found.sentence,
        "judged": found.judged,
        "in_order": found.judged - len(found.wrong) - len(found.accepted),
        "wrong": len(found.wrong),
        "accepted": len(found.accepted),
        "unread": len(found.unread),
        "missing": list(found.missing),
        "why_not": found.why_not,
        "stated": found.stated,
        "for_information": check.is_informational,
        "cure": check.cure,
        "controls": asdict(check.controls),
        "collected_at": report.collected_at[check.id],
        "days": [{"date": one.date, "result": one.result} for one in report.strips[check.id]],
    }


def _exceptions(found: Finding, report: Report) -> Iterator[Plain]:
    for one in found.wrong:
        yield _exception(found, one, "open", report)
    for one in found.accepted:
        yield _exception(found, one, "accepted", report)
    for one in found.unread:
        yield _exception(found, one, "unknown", report)


def _exception(found: Finding, one: Remark, state: str, report: Report) -> Plain:
    acceptance = one.acceptance
    return {
        "check": found.check,
        "subject": one.subject,
        "name": one.name,
        "sentence": one.sentence,
        "state": state,
        "first_seen": report.first_seen.get((found.check, one.subject)) if state != "unknown" else None,
        "owners": _named(report.owners.get(one.subject, ()), report),
        "people": _named(one.people, report),
        "accepted_by": acceptance.by if acceptance else "",
        "accepted_until": acceptance.until if acceptance else None,
        "accepted_why": acceptance.why if acceptance else "",
    }


def _named(ids: Sequence[str], report: Report) -> list[Plain]:
    return [{"id": one, "name": report.names.get(one, "")} for one in ids]


def _schedule(one: ScheduleLine, report: Report) -> Plain:
    return {
        "schedule": one.rota.id,
        "name": one.rota.name,
        "owners": _named(sorted(one.rota.teams or ()), report),
        **_covered(one.coverage, one.unknown),
        "differences": _differences(one.differences),
    }


def _policy(one: PolicyLine, report: Report) -> Plain:
    return {
        "policy": one.policy.id,
        "name": one.policy.name,
        "owners": _named(sorted(one.policy.teams or ()), report),
        **_covered(one.coverage, one.unknown),
        "levels": [_level(each) for each in one.levels],
    }


def _level(one: LevelLine) -> Plain:
    return {
        "level": one.number,
        **_covered(one.coverage, one.unknown),
        "differences": _differences(one.differences),
    }


def _covered(found: Coverage | None, unknown: str) -> Plain:
    return {
        "window": None if found is None else {"start": found.window.start, "end": found.window.end},
        "gaps": [{"start": gap.span.start, "end": gap.span.end, "why": gap.why} for gap in found.gaps] if found else [],
        "unknown": unknown,
    }


def _differences(found: Differences) -> list[Plain]:
    return [
        {
            "start": each.span.start,
            "end": each.span.end,
            "computed": sorted(each.computed),
            "said": sorted(each.said),
            "by": each.by,
        }
        for each in found
    ]


def _times(report: Report) -> Plain:
    rules = report.rules
    return {
        "stated": report.stated,
        "targets": {
            name or OTHERS: {"acknowledge_s": one.acknowledge * 60, "resolve_s": one.resolve * 60}
            for name, one in rules.targets.items()
        },
        "by_priority": [_group(one, one.key) for one in report.groups[By.PRIORITY]],
        "by_service": [_group(one, report.names.get(one.key, "")) for one in report.groups[By.SERVICE]],
        "by_team": [_group(one, report.names.get(one.key, "")) for one in report.groups[By.TEAM]],
        "boxes": [_box(one, report) for one in report.boxes],
        "incidents": [_incident(one, report) for one in report.sheet],
    }


def _joined(one: Joined) -> Plain:
    case = one.case
    return {
        "id": one.incident.id,
        "number": one.incident.number,
        "priority": one.incident.priority,
        "triggered_at": one.triggered_at,
        "acknowledged_at": one.acknowledged_at,
        "resolved_at": one.resolved_at,
        "has_note": one.has_note,
        "standing": one.standing,
        "sentence": one.sentence,
        "case": case.case if case else "",
        "case_status": case.status if case else "",
        "case_url": case.url if case else "",
        "case_opened_at": case.opened_at if case else None,
        "case_resolved_at": case.resolved_at if case else None,
        "case_closed_at": case.closed_at if case else None,
    }


def _group(one: Group, name: str) -> Plain:
    return {
        "id": one.key,
        "name": name,
        "incidents": one.incidents,
        "known": one.known,
        "merged": one.merged,
        **_spread("acknowledged", one.acknowledged),
        **_spread("resolved", one.resolved),
        "never_acknowledged": one.never_acknowledged,
        "late_acknowledged": one.late_acknowledged,
        "late_resolved": one.late_resolved,
    }


def _spread(what: str, one: Spread) -> Plain:
    return {
        what: one.count,
        f"{what}_p50_s": one.p50,
        f"{what}_p90_s": one.p90,
        f"{what}_max_s": one.most,
    }


def _box(one: Box, report: Report) -> Plain:
    quarters = {"p25_s": one.p25, "p50_s": one.p50, "p75_s": one.p75, "p95_s": one.p95}
    return {"service": one.service, "name": report.names.get(one.service, ""), "count": one.count, **quarters}


def _incident(one: Times, report: Report) -> Plain:
    incident, rules = one.incident, report.rules
    return {
        "id": incident.id,
        "number": incident.number,
        "created_at": incident.created_at,
        "status": incident.status,
        "priority": incident.priority,
        "urgency": incident.urgency,
        "service": incident.service,
        "service_name": report.names.get(incident.service, ""),
        "teams": list(incident.teams),
        "measured": one.measured,
        "acknowledged_s": one.acknowledged,
        "acknowledged_by": one.acknowledged_by,
        "waited_s": one.waited,
        "resolved_s": one.resolved,
        "resolved_by": one.resolved_by,
        "lasted_s": one.lasted,
        "reopened": one.reopened,
        "late_acknowledged": is_late_acknowledged(one, rules),
        "late_resolved": is_late_resolved(one, rules),
    }
