"""Random schedules as PagerDuty's JSON would have them, around a change of the clock in any zone there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import strategies as st

from tests.evidence.walk import changes, minute_of, moment_of

Json = dict[str, Any]
_EAST = timezone(timedelta(hours=5, minutes=45))
_PEOPLE = ("PANN", "PBOB", "PCLEO", "PDAN", "PEVE")
# Those of the operating system itself are no zones that anybody names.
ZONES = sorted(name for name in available_timezones() if "/" in name or name == "UTC")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TURNS = (3600, 18_000, 28_800, 43_200, 86_400, 2 * 86_400, 7 * 86_400, 14 * 86_400, 90_000, 5 * 86_400 + 60)


@dataclass(frozen=True)
class Near:
    """What is drawn lies near this change of a zone's clock, or has to do with the hour that it skips or repeats."""

    zone: str
    change: int

    @property
    def clock(self) -> int:
        """What the clock shows just before it is changed, in minutes of the day."""
        before = moment_of(self.change - 1).astimezone(ZoneInfo(self.zone))
        return before.hour * 60 + before.minute + 1


@st.composite
def windows(draw: st.DrawFn) -> tuple[Near, int, int]:
    """A window of at most two days and a half with a change of its zone's clock in it, where it has one."""
    name = draw(st.sampled_from(ZONES))
    known = changes(name) or (minute_of(datetime(2026, 3, 8, 9, tzinfo=UTC)),)
    change = draw(st.sampled_from(known))
    return Near(name, change), change - draw(st.integers(0, 2000)), change + draw(st.integers(1, 1600))


def _text(minute: int) -> str:
    return moment_of(minute).isoformat().replace("+00:00", "Z")


@st.composite
def _minutes_near(draw: st.DrawFn, near: Near, back: int = 60_000, ahead: int = 5000) -> int:
    """Before, in or after the window; or some days from the change at about the same time of the day."""
    if draw(st.booleans()):
        return near.change + draw(st.integers(-back, ahead))
    return near.change + 1440 * draw(st.integers(-back // 1440, ahead // 1440)) + 15 * draw(st.integers(-12, 12))


@st.composite
def _text_near(draw: st.DrawFn, near: Near, back: int = 60_000, ahead: int = 5000) -> str:
    """Such a moment, written with some offset or other."""
    moment = moment_of(draw(_minutes_near(near, back, ahead)))
    return moment.astimezone(draw(st.sampled_from([UTC, _EAST]))).isoformat()


def _some(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[list[Any]]:
    """None now and then, and not as often as it would be by itself."""
    return st.sampled_from([0, 1, 1, 1, 1]).flatmap(lambda least: st.lists(one, min_size=least, max_size=least * most))


@st.composite
def restrictions(draw: st.DrawFn, near: Near) -> Json:
    shown = draw(st.one_of(st.integers(0, 1439), st.integers(-8, 8).map(lambda some: (near.clock + 15 * some) % 1440)))
    time_of_day = f"{shown // 60:02}:{shown % 60:02}:00"
    lasts = st.one_of(st.integers(1, 1440), st.sampled_from([15, 30, 60, 90, 480, 1425, 1440]))
    if draw(st.booleans()):
        return {
            "type": "daily_restriction",
            "start_time_of_day": time_of_day,
            "duration_seconds": 60 * draw(lasts),
        }
    return {
        "type": "weekly_restriction",
        "start_time_of_day": time_of_day,
        "start_day_of_week": draw(st.integers(1, 7)),
        "duration_seconds": 60
        * draw(st.one_of(lasts, st.integers(2000, 10_080), st.sampled_from([7200, 9000, 10_080]))),
    }


def _user(person: str) -> Json:
    return {"id": person, "type": "user_reference", "summary": person, "self": None}


@st.composite
def layers(draw: st.DrawFn, near: Near) -> Json:
    return {
        "id": "PLAYER",
        "name": "Layer",
        "start": draw(_text_near(near)),
        "end": draw(st.one_of(st.none(), st.none(), _text_near(near, 5000, 5000))),
        "rotation_virtual_start": draw(_text_near(near)),
        "rotation_turn_length_seconds": draw(st.sampled_from(_TURNS)),
        "users": [{"user": _user(one)} for one in draw(_some(st.sampled_from(_PEOPLE), 4))],
        "restrictions": draw(st.lists(restrictions(near), max_size=2)),
    }


@st.composite
def layered(draw: st.DrawFn, near: Near, start: int) -> Json:
    return {
        "id": "PSCHED",
        "type": "schedule",
        "name": "Primary",
        "time_zone": near.zone,
        "schedule_layers": draw(_some(layers(near), 3)),
        "overrides_subschedule": {"rendered_schedule_entries": draw(st.lists(_overrides(start), max_size=2))},
        "escalation_policies": [{"id": "PPOL", "type": "escalation_policy_reference"}],
        "teams": [],
    }


@st.composite
def _times(draw: st.DrawFn, start: int) -> tuple[str, str]:
    begins = start + draw(st.integers(-1500, 3500))
    return _text(begins), _text(begins + draw(st.integers(1, 2000)))


@st.composite
def _overrides(draw: st.DrawFn, start: int) -> Json:
    begins, ends = draw(_times(start))
    return {"start": begins, "end": ends, "user": _user(draw(st.sampled_from(_PEOPLE)))}


_MEMBERS = st.one_of(
    st.just({"type": "empty_member"}),
    st.sampled_from(_PEOPLE).map(lambda one: {"type": "user_member", "user_id": one}),
)


@st.composite
def _rules(draw: st.DrawFn, near: Near) -> str:
    every = draw(st.sampled_from(["HOURLY", "DAILY", "WEEKLY", "WEEKLY"]))
    rule = f"RRULE:FREQ={every};INTERVAL={draw(st.integers(1, 12 if every == 'HOURLY' else 3))}"
    if every == "WEEKLY" and draw(st.booleans()):
        rule += f";BYDAY={','.join(sorted(draw(st.sets(st.sampled_from(_DAYS), min_size=1)), key=_DAYS.index))}"
    match draw(st.sampled_from(["", "COUNT", "UNTIL"])):
        case "COUNT":
            return f"{rule};COUNT={draw(st.one_of(st.integers(1, 12), st.integers(1, 60)))}"
        case "UNTIL":
            return f"{rule};UNTIL={moment_of(draw(_minutes_near(near, 3000, 3000))):%Y%m%dT%H%M00Z}"
    return rule


@st.composite
def _exceptions(draw: st.DrawFn, begins: datetime, near: Near) -> list[str]:
    """Times of that clock at which no shift begins."""
    shown = begins.astimezone(ZoneInfo(near.zone)).replace(tzinfo=None)
    days = draw(st.lists(st.integers(0, 20), max_size=2))
    return [f"EXDATE:{shown + timedelta(days=day):%Y%m%dT%H%M%S}" for day in days]


@st.composite
def events(draw: st.DrawFn, near: Near) -> Json:
    zone = near.zone
    begins = moment_of(draw(st.one_of(_minutes_near(near, 60_000, 0), _minutes_near(near, 12_000, 0))))
    rule = draw(_rules(near))
    lasts = timedelta(minutes=draw(st.sampled_from([60, 480, 540, 720, 1440, 2880, 10_080])))
    members = draw(st.lists(_MEMBERS, min_size=1, max_size=4))
    strategy: Json = {"type": "every_member_assignment_strategy", "members": members}
    if draw(st.booleans()):
        each = draw(st.integers(1, 7))
        strategy = {"type": "rotating_member_assignment_strategy", "shifts_per_member": each, "members": members}
    return {
        "id": "PEVENT",
        "type": "schedule_event",
        "name": "Shift",
        "start_time": {"date_time": begins.isoformat(), "time_zone": zone},
        "end_time": {"date_time": (begins + lasts).isoformat(), "time_zone": zone},
        "effective_since": draw(_text_near(near)),
        "effective_until": draw(st.one_of(st.none(), _text_near(near, 3000, 5000))),
        "recurrence": [rule, *draw(_exceptions(begins, near))],
        "assignment_strategy": strategy,
    }


@st.composite
def shift_based(draw: st.DrawFn, near: Near, start: int) -> tuple[Json, list[Json], list[Json]]:
    """The schedule, its overrides and its custom shifts."""
    customs = []
    for number in range(draw(st.integers(0, 2))):
        begins, ends = draw(_times(start))
        assigned = [{"id": "PA", "type": "shift_assignment", "member": draw(_MEMBERS)}]
        customs.append({"id": f"C{number}", "start_time": begins, "end_time": ends, "assignments": assigned})
    overrides = []
    for _ in range(draw(st.integers(0, 3))):
        begins, ends = draw(_times(start))
        of = draw(st.sampled_from([("rotation_id", "R0"), ("rotation_id", "R1"), ("custom_shift_id", "C0")]))
        members = {"overridden_member": draw(_MEMBERS), "overriding_member": draw(_MEMBERS)}
        overrides.append({"id": "PO", of[0]: of[1], "start_time": begins, "end_time": ends, **members})
    rotations = [
        {"id": f"R{number}", "type": "schedule_rotation", "events": draw(_some(events(near), 2))}
        for number in range(draw(st.integers(0, 2)))
    ]
    body = {
        "id": "PSHIFT",
        "type": "schedule_v3",
        "name": "Shifts",
        "time_zone": near.zone,
        "rotations": rotations,
        "escalation_policies": [],
        "teams": [],
    }
    return body, overrides, customs
