"""A schedule read from the API's JSON, layer-based (v2) or shift-based (v3). What cannot be read is an `Unknown` that says where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from syncd.evidence.schedules.json_path import At, Wrong
from syncd.evidence.schedules.layers import Layer, Layers, Restriction
from syncd.evidence.schedules.reading_rotations import custom_shift, member, replacement, rotation
from syncd.evidence.schedules.rotations import Rotations
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.schedules.zones import zone_named
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown

_LONGEST_TURN = 366 * 86_400  # PagerDuty takes a year at most
_WEEK = 7 * 86_400


def read_layered(body: object, asked: Span, overrides: object = None) -> Schedule | Unknown:
    """`schedule` of GET /schedules/ID with since and until; `overrides` where those were asked for apart."""
    return _door(body, lambda at: _layered(at, asked, overrides))


def read_shift_based(body: object, asked: Span, overrides: object, custom_shifts: object) -> Schedule | Unknown:
    """`schedule` of GET /v3/schedules/ID, with the lists of its overrides and custom shifts within the same time."""
    return _door(body, lambda at: _shift_based(at, asked, overrides, custom_shifts))


def _door(body: object, read: Callable[[At], Schedule]) -> Schedule | Unknown:
    try:
        return read(At(body, "schedule"))
    except Wrong as wrong:
        found = body.get("id") if isinstance(body, dict) else None
        of = found if isinstance(found, str) else ""
        return Unknown(of, f"The schedule {of or 'without an id'} cannot be read: {wrong}.", wrong.path)


def _layered(at: At, asked: Span, overrides: object) -> Schedule:
    at.get("type").one_of("schedule")
    zone = _zone(at)
    layers = tuple(_layer(one) for one in at.get("schedule_layers").items())
    given = (
        at.get("overrides_subschedule").get("rendered_schedule_entries")
        if overrides is None
        else At(overrides, "overrides")
    )
    final = at.maybe("final_schedule")
    rendered = None if final is None else final.maybe("rendered_schedule_entries")
    return Schedule(
        id=at.get("id").text(),
        name=at.label("name", "summary"),
        zone=zone,
        content=Layers(layers, tuple(_entry(one) for one in given.items())),
        policies=at.ids("escalation_policies"),
        teams=at.ids("teams"),
        asked=asked,
        rendered=None if rendered is None else tuple(_entry(one) for one in rendered.items()),
    )


def _shift_based(at: At, asked: Span, overrides: object, custom_shifts: object) -> Schedule:
    at.get("type").one_of("schedule_v3")
    zone = _zone(at)
    rotations = tuple(rotation(one) for one in at.get("rotations").items())
    customs = tuple(custom_shift(one) for one in At(custom_shifts, "custom_shifts").items())
    replacements = tuple(replacement(one) for one in At(overrides, "overrides").items())
    final = at.maybe("final_schedule")
    return Schedule(
        id=at.get("id").text(),
        name=at.label("name", "summary"),
        zone=zone,
        content=Rotations(rotations, customs, replacements),
        policies=at.ids("escalation_policies") or (),  # v3 leaves out a list that would be empty
        teams=at.ids("teams") or (),
        asked=asked,
        rendered=None
        if final is None
        else tuple(_computed(one) for one in final.get("computed_shift_assignments").items()),
    )


def _zone(at: At) -> ZoneInfo:
    said = at.get("time_zone")
    zone = zone_named(said.text())
    if zone is None:
        raise Wrong(said.path, f"is {said.text()!r}, a zone that is not known here, so its times cannot be computed")
    return zone


def _layer(at: At) -> Layer:
    end = at.maybe("end")
    return Layer(
        id=at.label("id"),
        name=at.label("name"),
        start=at.get("start").moment(),
        end=None if end is None else end.moment(),
        counts_from=at.get("rotation_virtual_start").moment(),
        turn=timedelta(seconds=at.get("rotation_turn_length_seconds").whole(60, _LONGEST_TURN)),
        users=tuple(one.get("user").get("id").text() for one in at.get("users").items()),
        restrictions=tuple(_restriction(one) for one in at.get("restrictions").items()),
    )


def _restriction(at: At) -> Restriction:
    weekly = at.get("type").one_of("daily_restriction", "weekly_restriction") == "weekly_restriction"
    return Restriction(
        start=_time_of_day(at.get("start_time_of_day")),
        lasts=timedelta(seconds=at.get("duration_seconds").whole(1, _WEEK)),
        weekday=at.get("start_day_of_week").whole(1, 7) if weekly else None,
    )


def _time_of_day(at: At) -> time:
    try:
        found = time.fromisoformat(at.text())
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise Wrong(at.path, f"is {at.text()[:60]!r} and not a time of the day as 08:00:00")
    return found


def _entry(at: At) -> Shift:
    """An override, or a rendered entry: both name whom and from when until when."""
    return Shift(at.span("start", "end"), at.get("user").get("id").text())


def _computed(at: At) -> Shift:
    return Shift(at.span("start_time", "end_time"), member(at.get("member")))
