"""Reports of a small account, as JSON: in order, and with everything wrong that a report has a place for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Dataset, Lack, Missing, Name
from syncd.evidence.findings.judging import Acceptance, Result
from syncd.evidence.report.plain import Plain, plain
from syncd.evidence.report.report import Account, Collected, History, Report, Wanted, report_of
from syncd.evidence.report.strips import Told
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span
from tests.evidence.account import GOOD, NOW, RULES, covered, dataset, facts, incident, schedule, service
from tests.evidence.held import WINDOW

HOSTILE = "<script>alert(1)</script>\u202e\ud800=cmd"
NIGHT = Span(NOW + timedelta(days=2), NOW + timedelta(days=2, hours=8))
ACCEPTED = Acceptance("SVC-05", "L. Chen", NOW + timedelta(days=9), "no <b>timeouts</b> there", "S2")


def wanted(window: Span = WINDOW) -> Wanted:
    return Wanted(Account("acme", "acme-inc"), "Ana Auditor", NOW, window, min(window.end, NOW), "0.1.0")


def wrong() -> Facts:
    """A service without a policy and with a hostile name, a gap, one schedule that is not known, and incidents that came late."""
    services = dataset(Name.SERVICES, service(), service("S2", name=HOSTILE, policy="", acknowledgement_s=0))
    rotas = dataset(Name.SCHEDULES, schedule(), schedule("SC2", name="Data weekend"))
    cover: Dataset[Any] = replace(
        dataset(Name.COVERAGE, covered("SC1", NIGHT)),
        missing=(Missing(Lack.UNREADABLE, "SC2", "schedule.layers is missing"),),
    )
    late = [incident(at, acknowledged=40 + at, service="S1" if at % 2 else "S2") for at in range(1, 12)]
    return facts(services, rotas, cover, dataset(Name.INCIDENTS, *late))


def report(
    of: Facts = GOOD,
    *,
    rules: Rules = RULES,
    history: History = History(),  # noqa: B008
    window: Span = WINDOW,
) -> Report:
    collected = Collected(visible=("The key sees all of the account.",))
    return report_of(of, rules, wanted(window), (ACCEPTED,), collected, history)


def as_json(
    of: Facts = GOOD,
    *,
    rules: Rules = RULES,
    history: History = History(),  # noqa: B008
    window: Span = WINDOW,
) -> Plain:
    return plain(report(of, rules=rules, history=history, window=window))


def told(check: str, result: Result, *, days_ago: float) -> Told:
    return Told(check, NOW - timedelta(days=days_ago), result)
