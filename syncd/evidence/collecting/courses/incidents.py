"""The course of incidents: those that are open, those that began since the last time, those that may have changed since; and their logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncd.core.gap import CLOCKS_APART
from syncd.evidence.facts.dataset import Missing
from syncd.evidence.facts.incidents import incident_of
from syncd.evidence.facts.reading import Json, read_all, text_or
from syncd.evidence.spans import Span, Spans, gaps, union

from .known import Known, Wanted, listed_again_from
from .logs import Due, logs
from .paging import LIMIT, Kind, by_number
from .refusals import is_gone, refused
from .request import Course, Gathered, Request
from .windows import within

_EVERY = Request("/incidents", (("sort_by", "incident_number:asc"),))
_OPEN = replace(
    _EVERY, params=(*_EVERY.params, ("date_range", "all"), ("statuses[]", "triggered"), ("statuses[]", "acknowledged"))
)


def known_of(given: Json) -> Known:
    stamp = text_or(given, "updated_at", text_or(given, "last_status_change_at", text_or(given, "created_at")))
    return Known(incident_of(given), stamp)


OPEN = Kind(_OPEN, "incidents", known_of)
BEGUN = Kind(_EVERY, "incidents", known_of, overlap=0)


@dataclass
class _Course:
    wanted: Wanted
    found: dict[str, Known] = field(default_factory=dict)
    before: dict[str, Known] = field(default_factory=dict)  # of the same
    missing: list[Missing] = field(default_factory=list)

    def take(self, some: Mapping[str, Known]) -> None:
        """The later reading stands. Of a log that was read before, what is known of it is kept."""
        new = set(some) - set(self.before)
        known = {one: self.wanted.before.unsettled[one] for one in new if one in self.wanted.before.unsettled}
        self.before |= known | dict(self.wanted.before.find(new - set(known)))
        for name, one in some.items():
            old = self.found.get(name) or self.before.get(name)
            if old is not None:
                one = replace(  # noqa: PLW2901  as it is taken
                    one,
                    incident=replace(one.incident, log=old.incident.log),
                    log_stamp=old.log_stamp,
                    log_until=old.log_until,
                )
            self.found[name] = one


def incidents(wanted: Wanted) -> Course[Gathered[Known]]:
    """Its rows are those that are otherwise than before, or settled by now."""
    course = _Course(wanted)
    opened = yield from by_number(OPEN)
    course.missing += opened.missing
    if opened.refused:
        return Gathered(missing=opened.missing, covers=wanted.before.covers)
    course.take(opened.rows)
    spans, one_by_one = _again(course)
    covers = yield from _listed(course, spans)
    yield from _singles(course, one_by_one)
    due = [one for one in course.found.values() if one.needs_log]
    since = min((one.start for one in spans), default=wanted.window.start)
    read = yield from logs(Due(due, Span(since, wanted.window.end), wanted.strategy))
    course.found |= {one.id: one for one in read.rows}
    course.missing += read.missing
    rows = (one for one in course.found.values() if _is_news(one, course.before.get(one.id), wanted))
    return Gathered(tuple(rows), tuple(course.missing), covers, read.how)


def _is_news(one: Known, before: Known | None, wanted: Wanted) -> bool:
    is_settled_now = one.id in wanted.before.unsettled and one.is_settled(wanted.window.end)
    return one != before or is_settled_now


def _again(course: _Course) -> tuple[Spans, list[str]]:
    """The times that are listed, and those incidents that it costs less to read each."""
    before, window = course.wanted.before, course.wanted.window
    news = [Span(one.start - CLOCKS_APART, one.end) for one in gaps(before.covers, window)]
    stale = sorted(
        (one for one in before.unsettled.values() if one.id not in course.found),
        key=lambda one: (one.incident.created_at, one.id),
    )
    since, number = listed_again_from([one.incident.created_at for one in stale], before.begun, LIMIT)
    again = [] if since is None else [Span(since, window.end)]
    spans = union([*news, *again])
    return spans, [one.id for one in stale[:number] if not _is_within(one.incident.created_at, spans)]


def _is_within(at: datetime, spans: Spans) -> bool:
    return any(one.start <= at <= one.end for one in spans)


def _listed(course: _Course, spans: Iterable[Span]) -> Course[Spans]:
    """The times that are known by now."""
    covers = course.wanted.before.covers
    for span in spans:
        found = yield from within(BEGUN, span)
        course.take(found.rows)
        course.missing += found.missing
        if found.refused or found.is_beyond:
            return covers
        covers = union((*covers, span))
    return covers


def _singles(course: _Course, names: Iterable[str]) -> Course[None]:
    for name in names:
        page = yield Request(f"/incidents/{name}")
        if is_gone(page):
            course.take({name: course.wanted.before.unsettled[name]})
            course.found[name] = replace(course.found[name], is_gone=True)
            continue
        why = refused(page, name)
        if why is not None:
            course.missing.append(why)
            continue
        rows, unread = read_all([page.body.get("incident")], known_of)
        course.take({one.id: one for one in rows})
        course.missing += [replace(one, part=name) for one in unread]
