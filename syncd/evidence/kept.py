"""Facts out of what is kept of an account, as they were known at a time; and the answers they were read from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from syncd.evidence import heard
from syncd.evidence.collecting import left_over
from syncd.evidence.collecting.catalogue import COURSES, WITH
from syncd.evidence.collecting.courses import compact
from syncd.evidence.collecting.courses.request import Gathered
from syncd.evidence.collecting.courses.schedules import Kept
from syncd.evidence.collecting.replay import gathered, missing_of
from syncd.evidence.facts.account import FIELDS, Facts, Seen
from syncd.evidence.facts.dataset import Dataset, Lack, Missing, Name
from syncd.evidence.facts.incidents import Incident
from syncd.evidence.facts.schedules import Covered, Rota
from syncd.evidence.facts.sight import hidden_as_seen
from syncd.evidence.linked import cases_of
from syncd.evidence.spans import Span, common, minus
from syncd.store.database import Tx
from syncd.store.evidence import collections, incidents, pages, seen
from syncd.store.evidence.collections import Collection
from syncd.store.evidence.pages import Altered, RawPage

#: What is collected anew each time, so that the last collecting tells all of it.
_WHOLE = tuple(name for name in COURSES if name not in {Name.INCIDENTS, Name.AUDIT})


def facts_of(tx: Tx, slug: str, window: Span, at: datetime) -> Facts:
    """Everything known of the account, as it was known then; of incidents those that began in the window, and those that were open."""
    found: dict[str, Dataset[Any]] = {}
    for name in _WHOLE:
        last = collections.latest(tx, slug, name, at)
        if name is Name.SCHEDULES:
            found |= _schedules(tx, last)
        elif last is not None:
            read = _gathered(tx, last)
            found[FIELDS[name]] = _dataset(name, last, read)
    found[FIELDS[Name.AUDIT]] = _audit(tx, slug, window, at)
    found |= _incidents(tx, slug, window, at)
    found[FIELDS[Name.CASES]] = cases_of(tx, slug, at)
    sights = seen.of_account(tx, slug, at)
    known = {one: Seen(sight.state, sight.since, sight.was_otherwise) for one, sight in sights.items()}
    return replace(Facts(seen=known), **cast("Any", found))


def pages_of(tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[RawPage]:
    """What those facts were read from, in the order it was asked for, one at a time in memory."""
    for name in COURSES:
        for one in _read_from(tx, slug, name, window, at):
            yield from pages.of_collection(tx, one.id)


def _read_from(tx: Tx, slug: str, name: Name, window: Span, at: datetime) -> list[Collection]:
    """An incident that began in the window was read after it had begun, whenever that was."""
    if name not in _WHOLE:
        return collections.ended_within(tx, slug, name, window.start, at)
    last = collections.latest(tx, slug, name, at)
    return [] if last is None else [last]


def _gathered(tx: Tx, last: Collection) -> Gathered[Any]:
    """Of pages that are not what was kept nothing is read."""
    try:
        return replace(gathered(tx, last), missing=())
    except Altered as one:
        return Gathered(missing=(Missing(Lack.ALTERED, needs=one.what),))


def _dataset(name: Name, last: Collection, read: Gathered[Any]) -> Dataset[Any]:
    """What happened after it was begun may have been missed, so that it is no younger than that."""
    return Dataset(name, read.rows, last.begun_at, read.covers, (*missing_of(last), *read.missing))


def _schedules(tx: Tx, last: Collection | None) -> dict[str, Dataset[Any]]:
    if last is None:
        return {}
    read = _gathered(tx, last)
    kept = cast("tuple[Kept, ...]", read.rows)
    rotas = tuple(heard.rota_of(one.schedule) for one in kept)
    covered, unread = list[Covered](), list[Missing]()
    for one in kept:
        coverage = heard.covered(one.schedule)
        if isinstance(coverage, Missing):
            unread.append(coverage)
        else:
            covered.append(Covered(coverage, heard.disagreements(one.schedule, coverage)))
    schedules: Dataset[Rota] = _dataset(Name.SCHEDULES, last, replace(read, rows=rotas, covers=()))
    coverage_of_all = Dataset(Name.COVERAGE, tuple(covered), schedules.collected_at, (), (*schedules.missing, *unread))
    return {"schedules": schedules, "coverage": coverage_of_all}


def _audit(tx: Tx, slug: str, window: Span, at: datetime) -> Dataset[Any]:
    rows: dict[str, Any] = {}
    missing: list[Missing] = []
    for one in collections.ended_within(tx, slug, Name.AUDIT, window.start, at):
        read = _gathered(tx, one)
        rows |= {row.id: row for row in read.rows}
        missing += read.missing
    last = collections.latest(tx, slug, Name.AUDIT, at)
    if last is None:
        return Dataset(Name.AUDIT)
    within = sorted((row for row in rows.values() if window.start <= row.at < window.end), key=lambda row: row.at)
    return _dataset(
        Name.AUDIT, last, Gathered(tuple(within), tuple(missing), common(left_over.spans_of(last.covers), (window,)))
    )


def _incidents(tx: Tx, slug: str, window: Span, at: datetime) -> dict[str, Dataset[Incident]]:
    last = collections.latest(tx, slug, Name.INCIDENTS, at)
    if last is None:
        return {}
    begun = (compact.from_json(one.found) for one in incidents.within(tx, slug, last.id, window.start, window.end))
    still = (compact.from_json(one.found) for one in incidents.open_ones(tx, slug, last.id))
    # Where the last one was not shown everything either, that is said of all of it.
    unseen = () if hidden_as_seen(last.sights) is not None else left_over.unseen_in(tx, slug, window, at)
    covers = minus(common(left_over.spans_of(last.covers), (window,)), unseen)
    altered = tuple(_altered(tx, slug, window, at))
    return {
        FIELDS[Name.INCIDENTS]: _dataset(Name.INCIDENTS, last, Gathered(tuple(begun), altered, covers)),
        FIELDS[Name.OPEN_INCIDENTS]: _dataset(Name.OPEN_INCIDENTS, last, Gathered(tuple(still), altered)),
    }


def _altered(tx: Tx, slug: str, window: Span, at: datetime) -> Iterator[Missing]:
    """Incidents are kept beside the pages they were read from: those have to be what they were, each time that they are judged by."""
    for one in _read_from(tx, slug, Name.INCIDENTS, window, at):
        try:
            for _ in pages.of_collection(tx, one.id):
                pass
        except Altered as found:
            yield Missing(Lack.ALTERED, needs=found.what)


def collected_with(name: Name) -> Name:
    return WITH.get(name, name)
