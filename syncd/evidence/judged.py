"""Judging an account as it is known now, and writing down what became of it: each day at least, and whenever it is otherwise.

What could not be told ends nothing: a subject is gone only when all that its check needs was read, and it is not among what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from syncd.store.database import Database
from syncd.store.evidence import collections, results
from syncd.store.evidence.results import Judged, Subject

from .answering import accepted
from .findings.judging import Finding, Result, findings
from .known import Known
from .rules.values import Rules
from .spans import Span


def judge_collected(db: Database, known: Known, rules: Rules, slug: str) -> None:
    """Once for all that was due together: whoever collects the last of it has everything before him."""
    with db.read() as tx:
        now = db.now(tx)
        if collections.is_any_due(tx, now, {slug}):
            return
    judged(db, known, rules, slug, now)


def judged(db: Database, known: Known, rules: Rules, slug: str, at: datetime) -> tuple[Finding, ...]:
    """What was found; by then it is written down."""
    with db.read() as tx:
        facts = known.facts(tx, slug, Span(at - rules.window, at), at)
        found = findings(facts, rules, at, accepted(tx, slug, at))
    with db.write() as tx:
        results.add(tx, slug, _news(found, results.latest(tx, slug), at))
        standing, wrong = results.first_seen(tx, slug), set(_wrong(found))
        results.went(tx, slug, set(_over(standing, found)) - wrong, at)
        results.came(tx, slug, wrong - set(standing), at)
    return found


def _news(found: Iterable[Finding], latest: object, at: datetime) -> Iterator[Judged]:
    known: dict[str, Judged] = dict(latest)  # type: ignore[call-overload]
    for one in found:
        now = Judged(one.check, at, one.result, one.judged, len(one.wrong), len(one.accepted), len(one.unread))
        before = known.get(one.check)
        if before is None or not _is_told(before, now):
            yield now


def _is_told(before: Judged, now: Judged) -> bool:
    """The same, on the same day."""
    if before.at.astimezone(UTC).date() != now.at.astimezone(UTC).date():
        return False
    return _said(before) == _said(now)


def _said(one: Judged) -> tuple[str, int, int, int, int]:
    return one.result, one.judged, one.wrong, one.accepted, one.unread


def _wrong(found: Iterable[Finding]) -> Iterator[Subject]:
    for one in found:
        yield from ((one.check, remark.subject) for remark in (*one.wrong, *one.accepted))


def _over(standing: Iterable[Subject], found: Sequence[Finding]) -> Iterator[Subject]:
    """Of those that were wrong the ones of which it could be told."""
    untold = {one.check: {each.subject for each in one.unread} for one in found}
    lacking = {one.check for one in found if one.missing and one.result is not Result.NOT_APPLICABLE}
    for check, subject in standing:
        if check not in lacking and subject not in untold.get(check, ()):
            yield check, subject
