"""Whatever findings come and whatever people do to the case, in any order: what holds of it always."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from syncd.core.changes import Status
from syncd.evidence.casework.step import Act, Standing, Step, step
from syncd.evidence.casework.words import told_in
from syncd.evidence.findings.catalogue import CHECKS
from syncd.evidence.findings.judging import Finding, Remark, Result

CHECK = CHECKS["SVC-03"]
SUBJECTS = st.frozensets(st.sampled_from(["S1", "S2", "S 3", ""]))


def _remarks(subjects: frozenset[str]) -> tuple[Remark, ...]:
    return tuple(Remark(one, f"Name of {one}\nSubjects: S9", "it is wrong") for one in sorted(subjects))


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    wrong = draw(SUBJECTS)
    is_whole = draw(st.booleans())
    unread = () if is_whole else _remarks(frozenset({"S9"}))
    if wrong:
        return Finding(CHECK.id, Result.FAIL, 5, _remarks(wrong), unread=unread)
    if not is_whole:
        return Finding(CHECK.id, Result.UNKNOWN, 0, unread=unread)
    return Finding(CHECK.id, draw(st.sampled_from([Result.PASS, Result.ACCEPTED, Result.NOT_APPLICABLE])), 5)


PEOPLE = st.sampled_from(Status)


def done(wanted: Step, there: Standing | None) -> Standing:
    """As the store does it."""
    if there is None:
        return Standing(Status.OPEN, Result.FAIL, told_in(wanted.text), 0)
    status = wanted.to or there.status
    return Standing(status, wanted.result, told_in(wanted.text), wanted.number)


def named(finding: Finding) -> frozenset[str]:
    return frozenset("_".join(one.subject.split()) or "(account)" for one in finding.wrong)


@given(st.lists(st.one_of(findings(), PEOPLE), max_size=20))
def test_what_holds_always(story: list[Finding | Status]) -> None:
    there: Standing | None = None
    for one in story:
        if isinstance(one, Status):
            there = None if there is None else replace(there, status=one)
            continue
        wanted = step(CHECK, "acme", one, there)
        if one.result is Result.UNKNOWN or (there is None and one.result is not Result.FAIL):
            assert wanted is None
            continue
        if wanted is None:
            assert there is not None
            assert there.result is one.result, "nothing is said only where that was said last"
            continue
        before, there = there, done(wanted, there)
        assert step(CHECK, "acme", one, there) is None, "once is enough"
        if one.result is Result.PASS:
            assert there.status is Status.CLOSED
        elif one.result is Result.FAIL:
            is_whole = not one.unread
            known = (
                named(one)
                if is_whole or before is None or before.result is not Result.FAIL
                else named(one) | before.subjects
            )
            assert there.subjects == known
            if before is None or before.result is not Result.FAIL or named(one) - before.subjects:
                assert there.status not in {Status.RESOLVED, Status.CLOSED}
            else:
                assert there.status is before.status
        else:
            assert before is not None
            assert there.status is before.status, "a person decides"
            assert wanted.act is Act.COMMENT
