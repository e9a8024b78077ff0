"""A recurrence read from its lines: one RRULE, any EXDATE and RDATE. A part that is not known here is never passed over."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from syncd.evidence.schedules.json_path import At, Wrong
from syncd.evidence.schedules.recurrence import Every, Recurrence
from syncd.evidence.schedules.zones import zone_named
from syncd.evidence.wall import wall

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_WHOLE = re.compile(r"-?[0-9]{1,6}")
_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"}


def recurrence(at: At, zone: ZoneInfo) -> Recurrence:
    rules: list[At] = []
    rest: list[At] = []
    for line in at.items():
        (rules if line.text().upper().startswith("RRULE:") else rest).append(line)
    if len(rules) != 1:
        raise Wrong(at.path, f"has {len(rules)} RRULE, and exactly one is needed")
    found = _rule(rules[0], zone)
    for line in rest:
        found = _dates(line, found, zone)
    return found


def _rule(at: At, zone: ZoneInfo) -> Recurrence:
    said: dict[str, str] = {}
    for part in at.text().upper().partition(":")[2].strip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or name in said or not value:
            raise Wrong(at.path, f"has {part[:60]!r}, which is not understood here, so its times cannot be computed")
        said[name] = value
    if said.get("FREQ") not in set(Every):
        raise Wrong(
            at.path, f"recurs {said.get('FREQ', 'never')[:20]}, and only {', '.join(Every)} are understood here"
        )
    every = Every(said["FREQ"])
    if "COUNT" in said and "UNTIL" in said:
        raise Wrong(at.path, "has both COUNT and UNTIL, and may have only one")
    return Recurrence(
        every=every,
        interval=_whole(at, said.get("INTERVAL", "1"), 1, 1000),
        count=_whole(at, said["COUNT"], 1, 999_999) if "COUNT" in said else None,
        until=_until(at, said["UNTIL"], zone) if "UNTIL" in said else None,
        weekdays=_weekdays(at, said["BYDAY"], every) if "BYDAY" in said else (),
        month_days=_month_days(at, said["BYMONTHDAY"], every) if "BYMONTHDAY" in said else (),
        week_start=_weekdays(at, said.get("WKST", "MO"), Every.WEEKLY)[0][1],
    )


def _weekdays(at: At, said: str, every: Every) -> tuple[tuple[int, int], ...]:
    found = []
    for one in said.split(","):
        matched = _WEEKDAY.fullmatch(one)
        if matched is None or (matched[1] and every is not Every.MONTHLY):
            raise Wrong(at.path, f"has the weekday {one[:20]!r}, which is not understood in a rule that is {every}")
        found.append((int(matched[1] or 0), _DAYS.index(matched[2])))
    if any(which for which, _ in found) and not all(which for which, _ in found):
        # Libraries differ in what that means; which of them PagerDuty uses is not known.
        raise Wrong(at.path, f"has the weekdays {said[:60]!r}, some of each month and some of each week")
    return tuple(found)


def _month_days(at: At, said: str, every: Every) -> tuple[int, ...]:
    if every is Every.WEEKLY:
        raise Wrong(at.path, "has BYMONTHDAY in a rule that is WEEKLY, which RFC 5545 does not have")
    days = tuple(_whole(at, one, -31, 31) for one in said.split(","))
    if 0 in days:
        raise Wrong(at.path, "has the day 0 of a month")
    return days


def _until(at: At, said: str, zone: ZoneInfo) -> datetime:
    found = _date_or_time(at, said, zone)
    return found if isinstance(found, datetime) else datetime.combine(found, time.max)


def _dates(at: At, rule: Recurrence, zone: ZoneInfo) -> Recurrence:
    head, _, said = at.text().partition(":")
    name, *settings = head.upper().split(";")
    for setting in head.split(";")[1:]:
        key, _, value = setting.partition("=")
        if key.upper() == "TZID" and (named := zone_named(value)) is not None:
            return _given(at, rule, name, [_in_zone(at, one, named, zone) for one in said.split(",")])
    if name not in {"EXDATE", "RDATE"} or any(one not in {"VALUE=DATE", "VALUE=DATE-TIME"} for one in settings):
        raise Wrong(
            at.path, f"begins with {head[:60]!r}, which is not understood here, so its times cannot be computed"
        )
    return _given(at, rule, name, [_date_or_time(at, one, zone) for one in said.split(",")])


def _given(at: At, rule: Recurrence, name: str, given: list[datetime | date]) -> Recurrence:
    times = tuple(one for one in given if isinstance(one, datetime))
    days = tuple(one for one in given if not isinstance(one, datetime))
    if name == "EXDATE":
        return replace(rule, removed=rule.removed + times, removed_days=rule.removed_days + days)
    if name != "RDATE" or days:
        raise Wrong(at.path, "is neither an EXDATE nor an RDATE with a time of the day")
    return replace(rule, added=rule.added + times)


def _in_zone(at: At, said: str, named: ZoneInfo, zone: ZoneInfo) -> datetime | date:
    found = _date_or_time(at, said, named)
    return wall(found.replace(tzinfo=named), zone) if isinstance(found, datetime) else found


def _date_or_time(at: At, said: str, zone: ZoneInfo) -> datetime | date:
    """20260105T170000Z is a moment, 20260105T090000 what the clock shows, 20260105 a day."""
    try:
        if re.fullmatch(r"[0-9]{8}", said):
            return date.fromisoformat(said)
        if re.fullmatch(r"[0-9]{8}T[0-9]{6}Z?", said) and 2000 <= int(said[:4]) <= 2200:
            found = datetime.fromisoformat(said)
            return found if found.tzinfo is None else wall(found, zone)
    except ValueError:
        pass
    raise Wrong(at.path, f"has {said[:60]!r} where a time as 20260105T170000Z is needed")


def _whole(at: At, said: str, least: int, most: int) -> int:
    if _WHOLE.fullmatch(said) is None or not least <= int(said) <= most:
        raise Wrong(at.path, f"has {said[:20]!r} where a whole number from {least} to {most} is needed")
    return int(said)
