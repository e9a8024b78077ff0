"""How schedules of both kinds look in REST answers, with who is on call in a window worked out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from syncd.simulator import layers, shifts
from syncd.simulator.account import Account
from syncd.simulator.asked import Json
from syncd.simulator.layers import Shift
from syncd.simulator.render import maybe_seconds, policy_reference, reference, team_references, user_reference, whole
from syncd.simulator.schedules import (
    CustomShift,
    Layer,
    Member,
    Override,
    Restriction,
    Rotation,
    Schedule,
    ShiftEvent,
    ShiftOverride,
    ShiftSchedule,
)
from syncd.simulator.wall import zone_of

SUBSCHEDULES = ("schedule_layers", "overrides_subschedule", "final_schedule")


@dataclass(frozen=True, slots=True)
class Window:
    since: datetime
    until: datetime
    zone: str  # in which times are told
    overflow: bool = False

    def told(self, at: datetime | None) -> str | None:
        return None if at is None else at.astimezone(zone_of(self.zone)).isoformat(timespec="seconds")

    def percentage(self, covered_s: float) -> float:
        return round(100 * covered_s / (self.until - self.since).total_seconds(), 1)


def schedule_reference(account: Account, schedule_id: str) -> Json:
    """A schedule that was deleted leaves a reference without a name."""
    if schedule_id in account.shift_schedules:
        return shift_schedule_reference(account, account.shift_schedules[schedule_id])
    found = account.schedules.get(schedule_id)
    return reference(account, "schedule", schedule_id, found.name if found else None)


def schedule(account: Account, it: Schedule, window: Window | None, include: Collection[str] = SUBSCHEDULES) -> Json:
    shown = {
        **whole(account, "schedule", it.id, it.name),
        "name": it.name,
        "description": it.description,
        "time_zone": it.zone,
        "escalation_policies": _policies(account, it.id),
        "users": [user_reference(account, account.users[who]) for who in it.user_ids],
        "teams": team_references(account, it.team_ids),
    }
    if "schedule_layers" in include:
        shown["schedule_layers"] = [_layer(account, it, one, window) for one in it.layers]
    if "overrides_subschedule" in include:
        found = [] if window is None else layers.by_override(it, window.since, window.until)
        shown["overrides_subschedule"] = {"name": "Overrides", **_rendered(account, found, window)}
    if "final_schedule" in include:
        shown["final_schedule"] = {"name": "Final Schedule", **_rendered(account, _final(it, window), window)}
    return shown


def _final(it: Schedule, window: Window | None) -> list[Shift]:
    if window is None:
        return []
    rendered = layers.whole if window.overflow else layers.final
    return rendered(it, window.since, window.until)


def _policies(account: Account, schedule_id: str) -> list[Json]:
    return [policy_reference(account, one.id) for one in account.policies_with(schedule_id)]


def _rendered(account: Account, found: list[Shift], window: Window | None) -> Json:
    """A time that nobody has stands nowhere."""
    if window is None:
        return {"rendered_schedule_entries": [], "rendered_coverage_percentage": None}
    covered = sum(
        (min(each.end or window.until, window.until) - max(each.start, window.since)).total_seconds() for each in found
    )
    entries = [
        {
            "start": window.told(each.start),
            "end": window.told(each.end),
            "user": user_reference(account, account.users[each.user_id]),
        }
        for each in found
    ]
    return {"rendered_schedule_entries": entries, "rendered_coverage_percentage": window.percentage(covered)}


def _layer(account: Account, of: Schedule, it: Layer, window: Window | None) -> Json:
    told = window or Window(it.start, it.start, of.zone)
    found = [] if window is None else layers.by_layer(of, it, window.since, window.until)
    return {
        "id": it.id,
        "name": it.name,
        "start": told.told(it.start),
        "end": told.told(it.end),
        "rotation_virtual_start": told.told(it.counted_from),
        "rotation_turn_length_seconds": it.turn_s,
        "users": [{"user": user_reference(account, account.users[who])} for who in it.users],
        "restrictions": [_restriction(one) for one in it.restrictions],
        **_rendered(account, found, window),
    }


def _restriction(it: Restriction) -> Json:
    shown = {"duration_seconds": it.seconds, "start_time_of_day": it.start.isoformat(timespec="seconds")}
    if it.weekday is None:
        return {"type": "daily_restriction", **shown}
    return {"type": "weekly_restriction", **shown, "start_day_of_week": it.weekday}


def override(account: Account, it: Override, window: Window) -> Json:
    start, end = (it.start, it.end) if window.overflow else (max(it.start, window.since), min(it.end, window.until))
    who = user_reference(account, account.users[it.user_id])
    return {"id": it.id, "start": window.told(start), "end": window.told(end), "user": who}


def shift_schedule_reference(account: Account, it: ShiftSchedule) -> Json:
    return {
        "id": it.id,
        "type": "schedule_v3_reference",
        "summary": it.name,
        "self": f"{account.api_url}/v3/schedules/{it.id}",
        "html_url": f"{account.web_url}/schedules/{it.id}",
    }


def shift_schedule(account: Account, it: ShiftSchedule, window: Window | None) -> Json:
    shown = {
        **shift_schedule_reference(account, it),
        "type": "schedule_v3",
        "name": it.name,
        "time_zone": it.zone,
        "description": it.description,
        "teams": team_references(account, it.team_ids),
        "escalation_policies": _policies(account, it.id),
        "rotations": [rotation(account, it, one) for one in it.rotations],
    }
    if window is not None:
        shown["final_schedule"] = _computed(it, window)
    return shown


def _computed(it: ShiftSchedule, window: Window) -> Json:
    found = shifts.assigned(it, window.since, window.until)
    inside = shifts.cut(found, window.since, window.until)
    return {
        "type": "final_schedule",
        "rendered_coverage_percentage": window.percentage(shifts.covered_s(inside)),
        "computed_shift_assignments": [
            {
                "type": "computed_shift_assignment",
                "start_time": window.told(each.start),
                "end_time": window.told(each.end),
                "member": member(each.member),
                "source": _source(each),
            }
            for each in (found if window.overflow else inside)
        ],
    }


def _source(it: shifts.Assignment) -> Json:
    kind, name = ("custom_shift", "shift_id") if it.is_custom else ("schedule_rotation", "rotation_id")
    shown = {"type": f"{kind}_override" if it.override else kind, name: it.source}
    return {**shown, "override_id": it.override} if it.override else shown


def member(who: Member) -> Json:
    return {"type": "empty_member"} if who is None else {"type": "user_member", "user_id": who}


def rotation(account: Account, of: ShiftSchedule, it: Rotation) -> Json:
    at = f"v3/schedules/{of.id}/rotations/{it.id}"
    return {
        "id": it.id,
        "type": "schedule_rotation",
        "events": [event(account, at, one) for one in it.events],
        "self": f"{account.api_url}/{at}",
        "html_url": f"{account.web_url}/schedules/{of.id}",
    }


def event(account: Account, rotation_path: str, it: ShiftEvent) -> Json:
    told = Window(it.start, it.end, it.zone).told
    strategy: Json = {"type": "every_member_assignment_strategy"}
    if not it.everybody:
        strategy = {"type": "rotating_member_assignment_strategy", "shifts_per_member": it.shifts_each}
    return {
        "id": it.id,
        "type": "schedule_event",
        "name": it.name,
        "start_time": {"date_time": told(it.start), "time_zone": it.zone},
        "end_time": {"date_time": told(it.end), "time_zone": it.zone},
        "effective_since": maybe_seconds(it.since),
        "effective_until": maybe_seconds(it.until),
        "recurrence": list(it.recurrence),
        "assignment_strategy": {**strategy, "members": [member(who) for who in it.members]},
        "self": f"{account.api_url}/{rotation_path}/events/{it.id}",
        "html_url": f"{account.web_url}/schedules",
    }


def custom_shift(it: CustomShift, window: Window) -> Json:
    start, end = _ends(it.start, it.end, window)
    given = {"id": f"{it.id}A", "type": "shift_assignment", "member": member(it.member)}
    return {"id": it.id, "type": "custom_shift", "start_time": start, "end_time": end, "assignments": [given]}


def shift_override(it: ShiftOverride, window: Window, *, is_custom: bool) -> Json:
    start, end = _ends(it.start, it.end, window)
    return {
        "id": it.id,
        "type": "override_shift",
        "custom_shift_id" if is_custom else "rotation_id": it.of,
        "start_time": start,
        "end_time": end,
        "overridden_member": member(it.overridden),
        "overriding_member": member(it.overriding),
    }


def _ends(start: datetime, end: datetime, window: Window) -> tuple[str | None, str | None]:
    if window.overflow:
        return window.told(start), window.told(end)
    return window.told(max(start, window.since)), window.told(min(end, window.until))
