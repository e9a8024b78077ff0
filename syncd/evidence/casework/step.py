"""What is to be done about a finding's case, given what was said in it last. Pure; what is not known changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncd.core.changes import Status
from syncd.evidence.findings.check import Check
from syncd.evidence.findings.judging import Finding, Result

from . import words


class Act(StrEnum):
    OPEN = "opened"
    COMMENT = "commented"
    CLOSE = "closed"
    REOPEN = "reopened"


@dataclass(frozen=True, slots=True)
class Standing:
    """The case as it is, and what was said in it last."""

    status: Status
    result: Result
    subjects: frozenset[str]
    number: int  # of what was said: its opening is the first


@dataclass(frozen=True, slots=True)
class Step:
    act: Act
    result: Result
    text: str
    number: int = 0
    title: str = ""

    @property
    def to(self) -> Status | None:
        return {Act.CLOSE: Status.CLOSED, Act.REOPEN: Status.OPEN}.get(self.act)


_OVER = frozenset({Status.RESOLVED, Status.CLOSED})


def step(check: Check, account: str, finding: Finding, there: Standing | None) -> Step | None:
    """None: nothing has changed, or nobody can tell."""
    if finding.result is Result.UNKNOWN:
        return None
    if there is None:
        return _opened(check, account, finding) if finding.result is Result.FAIL else None
    subjects = _subjects(finding, there)
    if (finding.result, subjects) == (there.result, there.subjects):
        return None
    text = words.comment(check, finding, there.subjects, subjects)
    return Step(_act(finding.result, subjects, there), finding.result, text, there.number + 1)


def _opened(check: Check, account: str, finding: Finding) -> Step:
    text = words.body(check, account, finding, words.subjects_of(finding))
    return Step(Act.OPEN, Result.FAIL, text, title=words.title(check, account))


def _subjects(finding: Finding, there: Standing) -> frozenset[str]:
    """Whoever was named before and could not be judged now is not in order by that."""
    found = words.subjects_of(finding)
    if finding.result is not Result.FAIL:
        return frozenset()
    is_whole = not finding.unread and not finding.missing
    return found if is_whole or there.result is not Result.FAIL else found | there.subjects


def _act(result: Result, subjects: frozenset[str], there: Standing) -> Act:
    """Who closed it while the check failed has decided so, until something else fails or the check fails anew."""
    if result is Result.PASS:
        return Act.CLOSE
    is_news = there.result is not Result.FAIL or bool(subjects - there.subjects)
    if result is Result.FAIL and is_news and there.status in _OVER:
        return Act.REOPEN
    return Act.COMMENT
