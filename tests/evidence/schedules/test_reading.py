"""Whatever the API sends becomes a schedule or an `Unknown` that says where it cannot be read: never an error, never "covered"."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.evidence.coverage import Coverage, coverage
from syncd.evidence.schedules.layers import Layers
from syncd.evidence.schedules.reading import read_layered, read_shift_based
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown
from tests.evidence import generated
from tests.evidence.bodies import (
    daily,
    entry,
    event,
    layer,
    layered,
    member,
    read,
    read_shifts,
    shift_based,
    span,
    weekly,
)
from tests.evidence.walk import moment_of

Json = dict[str, Any]
Step = str | int
_DAY = span("2026-03-02", "2026-03-03")
_GONE = object()
_FULL = layered(
    layer("PANN", restrictions=[daily("08:00:00", 8), weekly(1, "08:00:00", 8)]),
    overrides=(entry("PBOB", "2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"),),
)
_LAYER = ("schedule_layers", 0)
_EVENT = ("rotations", 0, "events", 0)
_OVERRIDE = {
    "id": "O1",
    "rotation_id": "R1",
    "start_time": "2026-03-02T05:00:00Z",
    "end_time": "2026-03-02T06:00:00Z",
    "overridden_member": member("PANN"),
    "overriding_member": member(None),
}


def _changed(body: Json, path: tuple[Step, ...], value: object) -> Json:
    changed: Any = copy.deepcopy(body)
    within: Any = changed
    for step in path[:-1]:
        within = within[step]
    if value is _GONE:
        del within[path[-1]]
    else:
        within[path[-1]] = value
    return changed  # type: ignore[no-any-return]


def test_a_schedule_keeps_who_uses_it_and_whose_it_is() -> None:
    found = read(_FULL, _DAY)
    assert (found.id, found.name, found.zone.key, found.is_shift_based) == ("PSCHED1", "Primary", "Etc/UTC", False)
    assert (found.policies, found.teams, found.rendered) == (("PPOL1",), ("PTEAM1",), None)
    assert read(_changed(_FULL, ("teams",), _GONE), _DAY).teams is None
    shifts = read_shifts(shift_based(event("PANN")), _DAY)
    assert (shifts.is_shift_based, shifts.policies, shifts.teams) == (True, ("PPOL1",), ())


def test_a_name_that_is_missing_spoils_nothing() -> None:
    found = read(_changed(_changed(_FULL, ("name",), None), (*_LAYER, "name"), ""), _DAY)
    assert found.name == ""
    assert read(_FULL | {"name": "", "summary": "Second"}, _DAY).name == "Second"


def test_overrides_that_were_asked_for_apart_are_taken_instead() -> None:
    found = read_layered(_FULL, _DAY, [])
    assert isinstance(found, Schedule)
    assert isinstance(found.content, Layers)
    assert found.content.overrides == ()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("id",), _GONE, "schedule.id is missing"),
        (("type",), "schedule_v3", "schedule.type is 'schedule_v3' and none of schedule"),
        (("time_zone",), _GONE, "schedule.time_zone is missing"),
        (("time_zone",), "Middle Earth", "schedule.time_zone is 'Middle Earth', a zone that is not known here"),
        (("schedule_layers",), None, "schedule.schedule_layers is missing"),
        (("schedule_layers",), {}, "schedule.schedule_layers is an object and not a list"),
        (("overrides_subschedule",), _GONE, "schedule.overrides_subschedule is missing"),
        ((*_LAYER, "start"), 5, "schedule.schedule_layers[0].start is a number and not a text"),
        (
            (*_LAYER, "start"),
            "2026-01-05T00:00:00",
            "schedule.schedule_layers[0].start is '2026-01-05T00:00:00', a time without its",
        ),
        ((*_LAYER, "end"), "soon", "schedule.schedule_layers[0].end is 'soon' and not a time as ISO 8601 has it"),
        ((*_LAYER, "end"), "9999-12-31T23:59:59-12:00", "schedule.schedule_layers[0].end is of the year 9999"),
        (
            (*_LAYER, "rotation_turn_length_seconds"),
            True,
            "rotation_turn_length_seconds is a yes or no and not a whole number",
        ),
        ((*_LAYER, "rotation_turn_length_seconds"), 0, "rotation_turn_length_seconds is 0 and not from 60 to"),
        ((*_LAYER, "users"), _GONE, "schedule.schedule_layers[0].users is missing"),
        ((*_LAYER, "users", 0, "user"), None, "schedule.schedule_layers[0].users[0].user is missing"),
        ((*_LAYER, "restrictions"), _GONE, "schedule.schedule_layers[0].restrictions is missing"),
        (
            (*_LAYER, "restrictions", 0, "type"),
            "yearly",
            "restrictions[0].type is 'yearly' and none of daily_restriction, weekly",
        ),
        (
            (*_LAYER, "restrictions", 0, "start_time_of_day"),
            "25:00",
            "start_time_of_day is '25:00' and not a time of the day",
        ),
        ((*_LAYER, "restrictions", 0, "duration_seconds"), -5, "duration_seconds is -5 and not from 1 to 604800"),
        ((*_LAYER, "restrictions", 1, "start_day_of_week"), 8, "start_day_of_week is 8 and not from 1 to 7"),
        (
            ("overrides_subschedule", "rendered_schedule_entries", 0, "user"),
            _GONE,
            "rendered_schedule_entries[0].user is missing",
        ),
        (
            ("overrides_subschedule", "rendered_schedule_entries", 0, "end"),
            "2026-03-02T00:00:00Z",
            "ends before it has begun",
        ),
    ],
)
def test_what_is_wrong_with_a_layered_schedule_is_said_with_its_path(
    path: tuple[Step, ...], value: object, said: str
) -> None:
    found = read_layered(_changed(_FULL, path, value), _DAY)
    assert isinstance(found, Unknown)
    assert said in found.sentence
    assert found.path.startswith("schedule.")
    assert found.of == ("" if path == ("id",) else "PSCHED1")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("rotations",), _GONE, "schedule.rotations is missing"),
        (("rotations", 0, "events"), _GONE, "schedule.rotations[0].events is missing"),
        (("type",), "schedule", "schedule.type is 'schedule' and none of schedule_v3"),
        (
            (*_EVENT, "start_time", "time_zone"),
            "Nowhere",
            "events[0].start_time.time_zone is 'Nowhere', a zone that is not known",
        ),
        ((*_EVENT, "start_time"), "2026-01-05T00:00:00Z", "events[0].start_time is a text and not an object"),
        ((*_EVENT, "end_time", "date_time"), "2026-01-05T00:00:00", "events[0] ends before it has begun"),
        ((*_EVENT, "effective_since"), None, "events[0].effective_since is missing"),
        ((*_EVENT, "recurrence"), ["RRULE:FREQ=SECONDLY"], "events[0].recurrence[0] recurs SECONDLY"),
        (
            (*_EVENT, "assignment_strategy", "type"),
            "nobody",
            "assignment_strategy.type is 'nobody' and none of rotating",
        ),
        ((*_EVENT, "assignment_strategy", "members"), [], "assignment_strategy.members has nobody"),
        ((*_EVENT, "assignment_strategy", "members"), [{"type": "user_member"}], "members[0].user_id is missing"),
        ((*_EVENT, "assignment_strategy", "shifts_per_member"), None, "shifts_per_member is missing"),
    ],
)
def test_what_is_wrong_with_a_shift_based_schedule_is_said_too(
    path: tuple[Step, ...], value: object, said: str
) -> None:
    found = read_shift_based(_changed(shift_based(event("PANN")), path, value), _DAY, [], [])
    assert isinstance(found, Unknown)
    assert said in found.sentence


def test_a_shift_based_schedule_without_its_overrides_is_unknown() -> None:
    body = shift_based(event("PANN"))
    for overrides, customs, path in (
        (None, [], "overrides"),
        ([], None, "custom_shifts"),
        ([_OVERRIDE | {"rotation_id": None}], [], "overrides[0]"),
        ([], [{"id": "C1", "assignments": []}], "custom_shifts[0].assignments"),
    ):
        found = read_shift_based(body, _DAY, overrides, customs)
        assert isinstance(found, Unknown)
        assert (found.of, found.path) == ("PSHIFT1", path)


_JUNK = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.sampled_from(
            ["2026-03-02T00:00:00Z", "0001-01-01T00:00:00+14:00", "UTC", "RRULE:FREQ=MONTHLY;BYMONTHDAY=31"]
        ),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)


def _paths(value: object, so_far: tuple[Step, ...] = ()) -> list[tuple[Step, ...]]:
    inner: list[tuple[Step, object]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    if isinstance(value, list):
        inner = list(enumerate(value))
    return [path for step, one in inner for path in ((*so_far, step), *_paths(one, (*so_far, step)))]


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_junk_in_any_place_is_never_an_error(data: st.DataObject) -> None:
    near, start, end = data.draw(generated.windows())
    window = Span(moment_of(start), moment_of(end))
    asked: Json = {"body": data.draw(generated.layered(near, start))}
    if data.draw(st.booleans()):
        body, overrides, customs = data.draw(generated.shift_based(near, start))
        asked = {"body": body, "overrides": overrides, "custom_shifts": customs}
    path = data.draw(st.sampled_from(_paths(asked)))
    asked = _changed(asked, path, data.draw(_JUNK))
    read_one = read_shift_based if "overrides" in asked else read_layered
    found = read_one(asked.pop("body"), window, **asked)
    assert isinstance(found, Schedule | Unknown)
    if isinstance(found, Schedule):
        assert isinstance(coverage(found, window), Coverage)
