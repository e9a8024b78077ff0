"""The course of schedules of both kinds: their lists, and each with its overrides and whom PagerDuty puts on call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.evidence.facts.dataset import Lack, Missing
from syncd.evidence.facts.reading import Json, text
from syncd.evidence.schedules.reading import read_layered, read_shift_based
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown

from .paging import Kind, Listed, listed
from .refusals import is_gone, refused
from .request import Course, Gathered, Page, Request
from .windows import told

_SHIFTS = 1000  # of v3, on a page
_NO_SHIFTS = (402, 404)  # an account that has no schedules by shifts is not offered the list of them
_AN_INSTANT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A schedule as it was read."""

    schedule: Schedule

    @property
    def id(self) -> str:
        return self.schedule.id


def schedules(asked: Span, now: datetime) -> Course[Gathered[Kept]]:
    """`asked`: the time for which overrides and shifts are asked for."""
    rows, missing = dict[str, Kept](), list[Missing]()
    layered = yield from listed(Kind(Request("/schedules"), "schedules", lambda given: text(given, "id")))
    missing += layered.missing
    for one in layered.rows:
        _keep((yield from _layered(one, asked, now)), rows, missing)
    by_shifts = yield from listed(
        Kind(Request("/v3/schedules"), "schedules", lambda given: text(given, "id"), limit=_SHIFTS, has_total=False)
    )
    missing += () if by_shifts.status in _NO_SHIFTS else by_shifts.missing
    for one in by_shifts.rows:
        _keep((yield from _shift_based(one, asked)), rows, missing)
    return Gathered(tuple(rows.values()), tuple(missing), (asked,))


_Found = Kept | Unknown | Missing | None  # None: it was deleted since the list was read


def _keep(found: _Found, rows: dict[str, Kept], missing: list[Missing]) -> None:
    match found:
        case Kept():
            rows[found.id] = found
        case Unknown():
            missing.append(Missing(Lack.UNREADABLE, found.of, found.sentence.rstrip(".")))
        case Missing():
            missing.append(found)


def _layered(one: str, asked: Span, now: datetime) -> Course[_Found]:
    page = yield Request(f"/schedules/{one}", _window(asked))
    if not page.is_given:
        return _why_not(page, one)
    found = read_layered(page.body.get("schedule"), asked)
    if isinstance(found, Unknown):
        return Unknown(found.of or one, found.sentence, found.path)
    # Who is on call now, in PagerDuty's own words: it is kept as proof, and nothing is computed from it.
    yield Request(f"/schedules/{one}/users", _window(Span(now, now + _AN_INSTANT)))
    return Kept(found)


def _shift_based(one: str, asked: Span) -> Course[_Found]:
    page = yield Request(f"/v3/schedules/{one}", (("include[]", "final_schedule"), *_window(asked)))
    if not page.is_given:
        return _why_not(page, one)
    parts = dict[str, Listed[Json]]()
    for name in ("overrides", "custom_shifts"):
        request = Request(f"/v3/schedules/{one}/{name}", (*_window(asked), ("overflow", "true")))
        parts[name] = yield from listed(Kind(request, name, lambda given: given, has_total=False))
        if parts[name].missing:
            return Missing(parts[name].missing[0].why, one, parts[name].missing[0].needs)
    overrides, customs = (list(parts[name].rows.values()) for name in ("overrides", "custom_shifts"))
    found = read_shift_based(page.body.get("schedule"), asked, overrides, customs)
    return Unknown(found.of or one, found.sentence, found.path) if isinstance(found, Unknown) else Kept(found)


def _window(span: Span) -> tuple[tuple[str, str], ...]:
    return (("since", told(span.start)), ("until", told(span.end)))


def _why_not(page: Page, one: str) -> Missing | None:
    return None if is_gone(page) else refused(page, one)
