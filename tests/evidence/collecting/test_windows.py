"""More than PagerDuty lists at once is asked for in shorter times: all of it, once, with hardly a request too many."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.evidence.collecting.courses.paging import BEYOND, REACH, Kind, Listed
from syncd.evidence.collecting.courses.request import Page, Request
from syncd.evidence.collecting.courses.windows import chunks, whole_second, within
from syncd.evidence.facts.reading import text
from syncd.evidence.spans import Span

_START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Log:
    """What was written at each second, newest first; the far side lists 10,000 at most and takes half a year."""

    seconds: list[int]
    requests: int = 0

    def answer(self, request: Request) -> Page:
        self.requests += 1
        asked = dict(request.params)
        since, until = (datetime.fromisoformat(asked[name]) for name in ("since", "until"))
        offset, limit = int(asked["offset"]), int(asked["limit"])
        assert until - since <= timedelta(days=184)
        if offset + limit > REACH:
            return Page(request.line, _START, 400, {"error": {"message": "Offset+limit exceeds"}})
        first = bisect_left(self.seconds, (since - _START).total_seconds())
        last = bisect_right(self.seconds, (until - _START).total_seconds())
        found = range(first, last)[::-1]
        shown = [{"id": str(number)} for number in found[offset : offset + limit]]
        body = {"entries": shown, "limit": limit, "more": offset + limit < len(found), "total": len(found)}
        return Page(request.line, _START, 200, body)


def _read(log: Log, span: Span) -> Listed[str]:
    course = within(Kind(Request("/entries"), "entries", lambda given: text(given, "id"), overlap=0), span)
    try:
        request = next(course)
        while True:
            request = course.send(log.answer(request))
    except StopIteration as end:
        found: Listed[str] = end.value
        return found


@settings(max_examples=6)
@given(st.lists(st.integers(1, 3_500), min_size=3, max_size=7), st.integers(0, 6))
def test_all_of_it_is_read(bursts: list[int], apart: int) -> None:
    seconds = sorted(hour * 3_600 * apart + at for hour, many in enumerate(bursts) for at in range(many))
    log = Log(seconds)
    found = _read(log, Span(_START, _START + timedelta(days=2)))
    assert found.missing == ()
    assert len(found.rows) == len(seconds)
    least = max(1, -(-len(seconds) // 100))
    halvings = 2 * 18  # of two days, down to a second, where all of it was written in one
    assert log.requests <= least + (0 if len(seconds) <= REACH else halvings + len(seconds) // 5_000)


def test_of_a_second_that_has_too_much_it_is_said() -> None:
    found = _read(Log([7] * (REACH + 1)), Span(_START, _START + timedelta(minutes=5)))
    assert [one.needs for one in found.missing] == [BEYOND]
    assert len(found.rows) == REACH


def test_half_a_year_is_asked_for_at_most() -> None:
    log = Log([day * 86_400 for day in range(400)])
    assert len(_read(log, Span(_START, _START + timedelta(days=400))).rows) == 400


@pytest.mark.parametrize("days", [1, 31, 32, 93, 94])
def test_times_are_cut_without_a_hole(days: int) -> None:
    span = Span(_START, _START + timedelta(days=days))
    parts = list(chunks(span, timedelta(days=31)))
    assert (parts[0].start, parts[-1].end) == (span.start, span.end)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert len(parts) == -(-days // 31)


def test_up_to_the_end_of_a_second() -> None:
    at = datetime(2026, 3, 1, 12, 0, 7, 123_000, tzinfo=UTC)
    assert whole_second(at) == datetime(2026, 3, 1, 12, 0, 8, tzinfo=UTC)
    assert whole_second(whole_second(at)) == whole_second(at)
