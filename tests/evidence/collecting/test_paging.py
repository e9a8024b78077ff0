"""Pages that say that there is more, and bring nothing of it, are told and not asked for by the thousand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from syncd.evidence.collecting.courses.paging import Kind, Listed, by_number, listed
from syncd.evidence.collecting.courses.request import Course, Page, Request
from syncd.evidence.facts.dataset import Lack
from syncd.evidence.facts.reading import Json

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def _read(given: Json) -> Json:
    return given


def _gone_through(course: Course[Listed[Json]], limit: int) -> tuple[Listed[Json], int]:
    """The far side answers each request with the same record, and so many requests were made."""
    body = {"users": [{"id": "P1"}], "more": True, "limit": limit, "total": None}
    asked = 0
    try:
        request = next(course)
        while True:
            asked += 1
            request = course.send(Page(request.line, _NOON, 200, body))
    except StopIteration as end:
        found: Listed[Json] = end.value
        return found, asked


@pytest.mark.parametrize("limit", [0, -1, 1])
def test_a_page_without_news_is_the_last_one_that_is_asked_for(limit: int) -> None:
    for way in (listed, by_number):
        found, asked = _gone_through(way(Kind(Request("/users"), "users", _read)), limit)
        assert asked == 2
        assert [(one.why, one.needs) for one in found.missing] == [
            (Lack.UNREADABLE, "/users has more, and shows nothing of it")
        ]
        assert list(found.rows) == ["P1"]
