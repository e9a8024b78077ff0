"""What the questions came to is written down; what has changed by that is told, once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from syncd.core.changes import Side
from syncd.core.connection import Kind
from syncd.core.diagnostics import Subject, Use, needed
from syncd.core.judging import Answer, State, Verdict, judge
from syncd.core.reasons import SENTENCES, Outcome, Reason
from syncd.store import connection_log, deliveries, diagnoses, integrations, probes
from syncd.store.database import Tx
from syncd.store.deliveries import Delivery
from syncd.store.integrations import Integration
from syncd.store.probes import Probe

log = structlog.get_logger(__name__)
_IN_ORDER = {State.OK, State.NO_PLAN}


@dataclass(frozen=True, slots=True)
class Change:
    before: Probe | None
    now: Probe

    @property
    def is_told(self) -> bool:
        """What was in order when it was first looked at is no news."""
        if self.before is None:
            return self.now.state not in {*_IN_ORDER, State.UNKNOWN}
        return (self.before.state, self.before.code) != (self.now.state, self.now.code)

    @property
    def is_mended(self) -> bool:
        return self.before is not None and self.before.state is State.FAIL and self.now.state in _IN_ORDER


def uses_of(integration: Integration) -> Collection[Use]:
    """What is switched on here for this account. One that evidence alone is read of needs nothing else."""
    if integration.system != "pagerduty":
        return set()
    if not integration.gives_evidence:
        return {Use.SYNC}
    return {Use.EVIDENCE} if integration.is_read_only else {Use.SYNC, Use.EVIDENCE}


def judged(
    before: Mapping[Subject, Probe], answers: Mapping[Subject, Answer], uses: Iterable[Use]
) -> Mapping[Subject, Verdict]:
    wanted = needed(uses)
    return {
        subject: judge(
            subject,
            answer,
            is_needed=subject in wanted,
            has_worked=subject in before and before[subject].worked_at is not None,
        )
        for subject, answer in answers.items()
    }


def write(tx: Tx, slug: str, answers: Mapping[Subject, Answer], uses: Iterable[Use], now: datetime) -> None:
    """Nothing that was found before is overruled by an answer that never came."""
    before = probes.of(tx, slug)
    for subject, verdict in judged(before, answers, uses).items():
        there = before.get(subject)
        if verdict.state is State.UNKNOWN and there is not None:
            continue
        change = Change(there, _after(slug, subject, verdict, there, now))
        probes.put(tx, change.now)
        if change.is_told:
            _tell(tx, change)


def write_of(tx: Tx, asked: Integration, answers: Mapping[Subject, Answer], now: datetime) -> None:
    """Of the account as it was when it was `asked`. What was said of a credential says nothing of the one it has got meanwhile: by
    somebody, or by these very questions, which may have had its token renewed. Then they are asked once more.
    """
    there = integrations.lock(tx, asked.slug)
    if there is None:
        return
    if (there.sealed, there.base_url) == (asked.sealed, asked.base_url):
        write(tx, asked.slug, answers, uses_of(there), now)
    else:
        diagnoses.hasten(tx, asked.slug, now)


def _after(slug: str, subject: Subject, verdict: Verdict, before: Probe | None, now: datetime) -> Probe:
    is_same = before is not None and (before.state, before.code) == (verdict.state, verdict.code)
    since = before.since if before is not None and is_same else now
    worked_at = now if verdict.state is State.OK else None if before is None else before.worked_at
    return Probe(slug, subject, verdict.state, verdict.code, verdict.finding, since, now, worked_at)


def _tell(tx: Tx, change: Change) -> None:
    one = change.now
    detail = f"{one.code}: {one.finding}" if one.code else one.finding
    deliveries.record_many(tx, [_row(change, detail)])
    if one.state is State.FAIL:
        connection_log.add(tx, one.integration, Kind.ERRORED, now=one.checked_at, code=one.code, detail=one.finding)
        log.warning("account.found_wrong", integration=one.integration, code=one.code, finding=one.finding)
    elif change.is_mended:
        mended = change.before.code if change.before is not None else ""
        said = f"{SENTENCES[Reason.DIAGNOSED_WELL]} It was {mended}."
        connection_log.add(tx, one.integration, Kind.CONNECTED, now=one.checked_at, code=mended, detail=said)
        log.info("account.found_well", integration=one.integration, was=mended)


def _row(change: Change, detail: str) -> Delivery:
    one = change.now
    is_well = one.state in _IN_ORDER
    reason = Reason.DIAGNOSED_WELL if is_well else Reason.DIAGNOSED
    return Delivery(
        recorded_at=one.checked_at,
        direction=deliveries.direction(Side.INCIDENT),
        change="connection",
        action="diagnose",
        outcome=Outcome.APPLIED if is_well else Outcome.FAILED,
        reason=reason,
        detail=f"{SENTENCES[reason]} {detail}".strip(),
        integration=one.integration,
        source_system=one.integration,
        occurred_at=one.since,
    )
