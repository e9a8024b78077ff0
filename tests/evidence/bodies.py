"""Schedules as the API would send them, with what a test says and the rest as it usually is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from syncd.evidence.coverage import Coverage, coverage
from syncd.evidence.schedules.reading import read_layered, read_shift_based
from syncd.evidence.schedules.schedule import Schedule
from syncd.evidence.spans import Span

Json = dict[str, Any]
DAY, HOUR = 86_400, 3600


def span(start: str, end: str) -> Span:
    """Times in UTC, as 2026-03-02 or 2026-03-02T08:00."""
    return Span(*(datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (start, end)))


def users(*people: str) -> list[Json]:
    return [{"user": {"id": one, "type": "user_reference", "summary": one}} for one in people]


def daily(start: str, hours: float) -> Json:
    return {"type": "daily_restriction", "start_time_of_day": start, "duration_seconds": int(hours * HOUR)}


def weekly(day: int, start: str, hours: float) -> Json:
    return daily(start, hours) | {"type": "weekly_restriction", "start_day_of_week": day}


def layer(*people: str, **said: object) -> Json:
    start = said.get("start", "2026-01-05T00:00:00Z")
    return {
        "id": "PLAYER1",
        "name": "Layer 1",
        "start": start,
        "end": None,
        "rotation_virtual_start": start,
        "rotation_turn_length_seconds": 7 * DAY,
        "users": users(*people),
        "restrictions": [],
    } | said


def entry(person: str, start: str, end: str) -> Json:
    return {"start": start, "end": end, "user": {"id": person, "type": "user_reference", "summary": person}}


def layered(*layers: Json, zone: str = "UTC", overrides: tuple[Json, ...] = (), **said: object) -> Json:
    return {
        "id": "PSCHED1",
        "type": "schedule",
        "name": "Primary",
        "time_zone": zone,
        "schedule_layers": list(layers),
        "overrides_subschedule": {"name": "Overrides", "rendered_schedule_entries": list(overrides)},
        "escalation_policies": [{"id": "PPOL1", "type": "escalation_policy_reference"}],
        "teams": [{"id": "PTEAM1", "type": "team_reference"}],
    } | said


def member(person: str | None) -> Json:
    return {"type": "empty_member"} if person is None else {"type": "user_member", "user_id": person}


def event(*people: str | None, zone: str = "UTC", each: int | None = 1, **said: object) -> Json:
    """Day after day from Monday 2026-01-05, all around the clock, unless it says otherwise."""
    every = {"type": "every_member_assignment_strategy", "members": [member(one) for one in people]}
    rotating = every | {"type": "rotating_member_assignment_strategy", "shifts_per_member": each}
    return {
        "id": "PEVENT1",
        "type": "schedule_event",
        "name": "Shifts",
        "start_time": {"date_time": "2026-01-05T00:00:00", "time_zone": zone},
        "end_time": {"date_time": "2026-01-06T00:00:00", "time_zone": zone},
        "effective_since": "2026-01-05T00:00:00Z",
        "effective_until": None,
        "recurrence": ["RRULE:FREQ=DAILY"],
        "assignment_strategy": every if each is None else rotating,
    } | said


def shift_based(*events: Json, zone: str = "UTC", **said: object) -> Json:
    return {
        "id": "PSHIFT1",
        "type": "schedule_v3",
        "name": "Shifts",
        "time_zone": zone,
        "rotations": [{"id": "R1", "type": "schedule_rotation", "events": list(events)}],
        "escalation_policies": [{"id": "PPOL1", "type": "escalation_policy_reference"}],
    } | said


def read(body: Json, window: Span) -> Schedule:
    found = read_layered(body, window)
    assert isinstance(found, Schedule), found
    return found


def read_shifts(body: Json, window: Span, overrides: object = (), customs: object = ()) -> Schedule:
    lists = [list(one) if isinstance(one, tuple) else one for one in (overrides, customs)]
    found = read_shift_based(body, window, *lists)
    assert isinstance(found, Schedule), found
    return found


def computed(schedule: Schedule) -> Coverage:
    found = coverage(schedule, schedule.asked)
    assert isinstance(found, Coverage), found
    return found


def told(found: Coverage) -> list[tuple[str, str, str]]:
    """The gaps as a person would write them down."""
    return [(_shown(gap.span.start), _shown(gap.span.end), str(gap.why)) for gap in found.gaps]


def on_call(found: Coverage) -> list[tuple[str, str, str]]:
    return [(_shown(one.span.start), _shown(one.span.end), str(one.person)) for one in found.shifts]


def _shown(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M}"
