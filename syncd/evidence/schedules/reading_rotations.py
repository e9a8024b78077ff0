"""The parts of a v3 schedule read from the API's JSON: rotations with their events, custom shifts, overrides, members."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from syncd.evidence.schedules.json_path import At, Wrong
from syncd.evidence.schedules.reading_rules import recurrence
from syncd.evidence.schedules.rotations import CustomShift, Event, Replacement, Rotation
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.schedules.zones import zone_named
from syncd.evidence.wall import instant, wall


def rotation(at: At) -> Rotation:
    return Rotation(at.get("id").text(), tuple(_event(one) for one in at.get("events").items()))


def custom_shift(at: At) -> CustomShift:
    assigned = at.get("assignments").items()
    if len(assigned) != 1:
        raise Wrong(f"{at.path}.assignments", f"has {len(assigned)} of them, and a custom shift has exactly one")
    return CustomShift(at.get("id").text(), Shift(at.span("start_time", "end_time"), member(assigned[0].get("member"))))


def replacement(at: At) -> Replacement:
    of = at.maybe("rotation_id") or at.maybe("custom_shift_id")
    if of is None:
        raise Wrong(at.path, "names neither a rotation_id nor a custom_shift_id")
    return Replacement(
        of.text(),
        at.span("start_time", "end_time"),
        member(at.get("overridden_member")),
        member(at.get("overriding_member")),
    )


def member(at: At) -> str | None:
    empty = at.get("type").one_of("user_member", "empty_member") == "empty_member"
    return None if empty else at.get("user_id").text()


def _event(at: At) -> Event:
    starts, start, zone = _zoned(at.get("start_time"))
    ends, end, end_zone = _zoned(at.get("end_time"))
    if ends <= starts:
        raise Wrong(at.path, "ends before it has begun")
    if zone == end_zone and end <= start:
        end = start + (ends - starts)  # The first shift is in the hour that the clock shows twice: that hour counts.
    until = at.maybe("effective_until")
    members, shifts_each = _strategy(at.get("assignment_strategy"))
    return Event(
        id=at.get("id").text(),
        start=start,
        zone=zone,
        end=end,
        end_zone=end_zone,
        since=at.get("effective_since").moment(),
        until=None if until is None else until.moment(),
        recurrence=recurrence(at.get("recurrence"), zone),
        members=members,
        shifts_each=shifts_each,
    )


def _zoned(at: At) -> tuple[datetime, datetime, ZoneInfo]:
    """The moment, and what the clock of its zone shows then. Without an offset, what is said is what the clock shows."""
    named = at.get("time_zone")
    zone = zone_named(named.text())
    if zone is None:
        raise Wrong(named.path, f"is {named.text()!r}, a zone that is not known here, so its times cannot be computed")
    said = at.get("date_time").shown()
    moment = instant(said, zone) if said.tzinfo is None else said.astimezone(UTC)
    return moment, wall(moment, zone), zone


def _strategy(at: At) -> tuple[tuple[str | None, ...], int | None]:
    rotating, every = "rotating_member_assignment_strategy", "every_member_assignment_strategy"
    members = tuple(member(one) for one in at.get("members").items())
    if not members:
        raise Wrong(f"{at.path}.members", "has nobody, and at least one member is needed, be it an empty one")
    if at.get("type").one_of(rotating, every) == every:
        return members, None
    return members, at.get("shifts_per_member").whole(1, 100_000)
