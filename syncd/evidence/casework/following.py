"""The cases of findings are brought in step with them. Each act is one transaction under a mark of its own, so that whoever is killed
in between, or comes twice, opens and says nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import structlog

from syncd.core.changes import Verb
from syncd.core.routing import OF_EVIDENCE
from syncd.errors import Conflict, cause_of
from syncd.evidence.findings.catalogue import CHECKS
from syncd.evidence.findings.check import Check
from syncd.evidence.findings.judging import Finding, Result
from syncd.evidence.rules.values import Rules
from syncd.store.case_timeline import CaseFile
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.integrations import Integration

from . import words
from .step import Act, Standing, Step, step

log = structlog.get_logger(__name__)
VIA, BY = "evidence", "syncd evidence"
_MARK = "evidence:"
_PRIORITY, _TO_THINK_ABOUT = "P3", "P5"


@dataclass(frozen=True, slots=True)
class Followed:
    """What was done about one finding; or why it could not be."""

    check: str
    case: str
    act: Act | None
    trouble: str = ""


def follow(cases: Cases, account: Integration, findings: Iterable[Finding], rules: Rules) -> Sequence[Followed]:
    """After each judging, for the checks that were chosen. A check that is chosen no more leaves its case to people."""
    found = (_one(cases, account, one, rules) for one in findings if one.check in rules.open_cases)
    return [one for one in found if one is not None]


def _one(cases: Cases, account: Integration, finding: Finding, rules: Rules) -> Followed | None:
    check, key = CHECKS[finding.check], key_of(account, finding.check)
    file = cases.opened_by(key)
    wanted = step(check, account.slug, finding, None if file is None else _standing(file))
    if wanted is None:
        return None
    if file is not None:
        cases.remark(file.case.key, _hand(wanted), wanted.text, str(wanted.result), wanted.to)
        return _said(check, file.case.key, wanted, account)
    try:
        opened = cases.open(_new(check, account, wanted, rules), _hand(wanted), key)
    except Conflict as error:  # The connector that was named is not there: the next judging tries again.
        log.warning("evidence.case_not_opened", integration=account.slug, check=check.id, why=str(error))
        return Followed(check.id, "", None, f"No case is opened for {check.id}: {cause_of(str(error))}.")
    return _said(check, opened.case.key, wanted, account) if opened.is_new else None


def key_of(account: Integration, check: str) -> str:
    """One for each account and check, for good; another account that gets the name has cases of its own."""
    since = "" if account.created_at is None else account.created_at.isoformat(timespec="seconds")
    return f"syncd/evidence/{account.slug}/{since}/{check}"


def _new(check: Check, account: Integration, wanted: Step, rules: Rules) -> NewCase:
    return NewCase(
        wanted.title,
        wanted.text,
        _TO_THINK_ABOUT if check.is_informational else _PRIORITY,
        rules.case_connector,
        OF_EVIDENCE,
        labels=("evidence", check.id, account.slug),
    )


def _hand(wanted: Step) -> Hand:
    """Of two who come with the same number the second says nothing: what it knows better is said by the next judging."""
    return Hand(BY, VIA, marker=f"{_MARK}{wanted.number}")


def _standing(file: CaseFile) -> Standing:
    """By our own lines alone: what people say in the case changes nothing of it."""
    ours = [one for one in file.timeline if one.via == VIA and (one.marker or "").startswith(_MARK)]
    last = ours[-1]
    if last.kind is Verb.OPEN:
        return Standing(file.case.status, Result.FAIL, words.told_in(file.case.body), 0)
    return Standing(file.case.status, Result(last.value), words.told_in(last.text), len(ours) - 1)


def _said(check: Check, case: str, wanted: Step, account: Integration) -> Followed:
    log.info("evidence.case", integration=account.slug, check=check.id, case=case, act=str(wanted.act))
    return Followed(check.id, case, wanted.act)
