"""Whatever a far side answers, a course comes to its end, takes nothing for read that was not, and asks the same when it is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.evidence.collecting.catalogue import COURSES, Scope
from syncd.evidence.collecting.courses.audit import audit
from syncd.evidence.collecting.courses.known import Before
from syncd.evidence.collecting.courses.request import Course, Gathered, Page, Request
from syncd.evidence.facts.dataset import Lack, Name
from syncd.evidence.spans import Span

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_SCOPE = Scope(_NOON, _NOON - timedelta(days=30), _NOON + timedelta(days=40), "auto", "people.csv", Before())
_MOST = 20  # requests, after which the far side says that there is no more
_LISTS = {
    "services": "services",
    "escalation_policies": "escalation_policies",
    "users": "users",
    "teams": "teams",
    "members": "members",
    "schedules": "schedules",
    "oncalls": "oncalls",
    "abilities": "abilities",
    "licenses": "licenses",
    "license_allocations": "license_allocations",
    "records": "records",
    "incidents": "incidents",
    "log_entries": "log_entries",
    "overrides": "overrides",
    "custom_shifts": "custom_shifts",
}
_WORDS = st.sampled_from(
    [
        "id",
        "type",
        "status",
        "role",
        "user",
        "name",
        "created_at",
        "incident_number",
        "incident",
        "agent",
        "channel",
        "service",
    ]
)
_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 200),
    st.sampled_from(["", "P1", "P2", "user", "2026-03-01T11:00:00Z", "triggered"]),
)
_JSON = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_WORDS, inner, max_size=4)),
    max_leaves=6,
)
_BODY = st.builds(
    lambda lists, more: {**lists, **more},
    st.dictionaries(st.sampled_from(sorted(_LISTS)), st.one_of(_JSON, st.lists(_JSON, max_size=3)), max_size=3),
    st.fixed_dictionaries(
        {},
        optional={
            "more": _PLAIN,
            "limit": _PLAIN,
            "total": st.one_of(_PLAIN, st.integers(0, 30_000)),
            "next_cursor": _PLAIN,
            "error": _JSON,
            "schedule": _JSON,
            "incident": _JSON,
        },
    ),
)
_ANSWERS = st.lists(st.tuples(st.sampled_from([200, 200, 200, 200, 402, 403, 404, 400, 500]), _BODY), max_size=5)


def _run(
    course: Course[Gathered[Any]], answers: list[tuple[int, dict[str, object]]]
) -> tuple[list[str], Gathered[Any]]:
    """Each answer in turn, and again from the first."""
    asked: list[str] = []
    try:
        request: Request = next(course)
        while True:
            asked.append(request.line)
            status, body = answers[len(asked) % len(answers)] if answers else (200, {})
            if len(asked) > _MOST:
                status, body = 200, {**{key: [] for key in _LISTS}, "more": False, "total": 0}
            request = course.send(Page(request.line, _NOON, status, body))
    except StopIteration as end:
        gathered: Gathered[Any] = end.value
        return asked, gathered


@pytest.mark.parametrize("name", COURSES, ids=str)
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(_ANSWERS)
def test_a_course_comes_to_its_end_and_is_the_same_again(
    name: Name, answers: list[tuple[int, dict[str, object]]]
) -> None:
    asked, found = _run(COURSES[name](_SCOPE), answers)
    assert len(asked) < 5 * _MOST
    assert all(isinstance(one.why, Lack) for one in found.missing)
    if all(status != 200 for status, _ in answers) and answers and name is not Name.SCHEDULES:
        assert found.missing
        assert found.rows == ()
    assert (asked, found) == _run(COURSES[name](_SCOPE), answers)


def test_an_audit_trail_that_goes_round_in_a_circle_is_left() -> None:
    body: dict[str, object] = {"records": [], "next_cursor": "again"}
    asked, found = _run(audit(Span(_NOON - timedelta(days=1), _NOON)), [(200, body)])
    assert len(asked) == 2
    assert [one.needs for one in found.missing] == ["/audit/records goes round in a circle"]


def test_a_far_side_that_calls_every_time_too_long_is_left() -> None:
    body: dict[str, object] = {"oncalls": [], "more": True, "total": 20_000}
    asked, found = _run(COURSES[Name.ONCALLS](_SCOPE), [(200, body)])
    assert len(asked) <= 5 * _MOST
    assert found.missing
    assert found.covers == ()
