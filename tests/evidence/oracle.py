"""Who is on call in each minute, asked minute by minute of the JSON itself. Slow and simple: it is what coverage is judged by.

It shares nothing with syncd.evidence: no value, no reading, no arithmetic of spans, and it goes from moments to what a clock
shows where the other goes from what a clock shows to moments.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.evidence.walk import NEVER, Walk, minute_of, shown_minute

Json = dict[str, Any]
Row = list[frozenset[str]]  # for each minute of the window, who is on call
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_MONDAY = shown_minute(datetime.fromisoformat("2000-01-03"))
_BACK = 8 * 1440  # What began longer ago is over.


def _at(text: str) -> int:
    return minute_of(datetime.fromisoformat(text))


def layered(body: Json, zone: ZoneInfo, start: int, end: int) -> Row:
    walk = Walk(zone, start - _BACK, end + 1)
    layers = [_layer(one, walk, start, end) for one in body["schedule_layers"]]
    overrides = body["overrides_subschedule"]["rendered_schedule_entries"]
    return [_first(minute, overrides, [row[minute - start] for row in layers]) for minute in range(start, end)]


def _first(minute: int, overrides: list[Json], asked: list[str | None]) -> frozenset[str]:
    for one in reversed(overrides):
        if _at(one["start"]) <= minute < _at(one["end"]):
            return frozenset([one["user"]["id"]])
    return frozenset([one for one in asked if one is not None][:1])


def _layer(layer: Json, walk: Walk, start: int, end: int) -> list[str | None]:
    """Walks up to the window and through it: at each minute the turn may change hands, and a restriction may open."""
    begins, ends = _at(layer["start"]), _at(layer["end"]) if layer["end"] else NEVER
    handoffs, turn = _handoffs(layer, walk)
    opens = _opens(layer["restrictions"], walk)
    open_until = -1 if layer["restrictions"] else NEVER
    row: list[str | None] = []
    for minute in range(walk.start, end):
        turn += minute in handoffs
        open_until = max(open_until, opens.get(minute, -1))
        if minute >= start:
            on = begins <= minute < ends and minute < open_until and layer["users"]
            row.append(layer["users"][turn % len(layer["users"])]["user"]["id"] if on else None)
    return row


def _handoffs(layer: Json, walk: Walk) -> tuple[set[int], int]:
    """The minutes at which turns change hands on the walk, and whose turn it is just before it."""
    length, anchor = layer["rotation_turn_length_seconds"] // 60, _at(layer["rotation_virtual_start"])
    if length % 1440:
        return {minute for minute in range(walk.start, walk.end) if (minute - anchor) % length == 0}, (
            walk.start - 1 - anchor
        ) // length
    shown = shown_minute(
        datetime.fromisoformat(layer["rotation_virtual_start"]).astimezone(walk.zone).replace(tzinfo=None)
    )
    at = {walk.reaches(one) for one in range(walk.shows[0], walk.latest + 1) if (one - shown) % length == 0}
    return at, (walk.shows[0] - 1 - shown) // length


def _opens(restrictions: list[Json], walk: Walk) -> dict[int, int]:
    opens: dict[int, int] = {}
    for one in restrictions:
        hours, minutes, _ = (int(part) for part in one["start_time_of_day"].split(":"))
        for day in walk.days():
            if one["type"] == "weekly_restriction" and (day - _MONDAY) // 1440 % 7 + 1 != one["start_day_of_week"]:
                continue
            shown = day + hours * 60 + minutes
            begins, closes = walk.reaches(shown), walk.reaches(shown + one["duration_seconds"] // 60)
            if begins < closes:
                opens[begins] = max(opens.get(begins, -1), closes)
    return opens


def shift_based(body: Json, overrides: list[Json], customs: list[Json], start: int, end: int) -> Row:
    """Each minute: every shift that is on, its member replaced where an override says so."""
    walks: dict[str, Walk] = {}
    row: list[set[str]] = [set() for _ in range(start, end)]
    for rotation in body["rotations"]:
        for event in rotation["events"]:
            name = event["start_time"]["time_zone"]
            walk = walks.setdefault(name, Walk(ZoneInfo(name), start - _BACK, end + 1))
            for begins, closes, members in _shifts(event, walk):
                since, until = _at(event["effective_since"]), event["effective_until"]
                for minute in range(max(start, begins, since), min(end, closes, _at(until) if until else NEVER)):
                    row[minute - start] |= _replaced(members, "rotation_id", rotation["id"], overrides, minute)
    for custom in customs:
        members = [custom["assignments"][0]["member"]]
        for minute in range(max(start, _at(custom["start_time"])), min(end, _at(custom["end_time"]))):
            row[minute - start] |= _replaced(members, "custom_shift_id", custom["id"], overrides, minute)
    return [frozenset(people) for people in row]


def _replaced(members: list[Json], key: str, of: str, overrides: list[Json], minute: int) -> set[str]:
    on_call = list(members)
    for one in overrides:
        if one.get(key) == of and _at(one["start_time"]) <= minute < _at(one["end_time"]):
            on_call = [one["overriding_member"] if who == one["overridden_member"] else who for who in on_call]
    return {who["user_id"] for who in on_call if who["type"] == "user_member"}


def _shifts(event: Json, walk: Walk) -> list[tuple[int, int, list[Json]]]:
    first = _shown(event["start_time"], walk)
    length = _shown(event["end_time"], walk) - first
    if length <= 0:  # The first shift is in the hour that comes twice.
        length = _at(event["end_time"]["date_time"]) - _at(event["start_time"]["date_time"])
    strategy, shifts = event["assignment_strategy"], []
    for number, shown in enumerate(_starts(event["recurrence"], first, walk)):
        if shown < walk.shows[0] or shown + length < walk.shows[0]:
            continue
        members = strategy["members"]
        if strategy["type"].startswith("rotating"):
            members = [members[number // strategy["shifts_per_member"] % len(members)]]
        shifts.append((walk.reaches(shown), walk.reaches(shown + length), members))
    return shifts


def _shown(value: Json, walk: Walk) -> int:
    return shown_minute(datetime.fromisoformat(value["date_time"]).astimezone(walk.zone).replace(tzinfo=None))


def _starts(lines: list[str], first: int, walk: Walk) -> list[int]:
    """Asks every hour, or every day, from the first on whether the rule means it."""
    rule = dict(part.split("=") for part in lines[0].removeprefix("RRULE:").split(";"))
    step = 60 if rule["FREQ"] == "HOURLY" else 1440
    meant = [shown for shown in range(first, walk.latest + 1, step) if _means(rule, first, shown)]
    if "COUNT" in rule:
        meant = meant[: int(rule["COUNT"])]
    if "UNTIL" in rule:
        until = datetime.fromisoformat(rule["UNTIL"]).astimezone(walk.zone).replace(tzinfo=None)
        meant = [one for one in meant if one <= shown_minute(until)]
    excluded = [shown_minute(datetime.fromisoformat(one.removeprefix("EXDATE:"))) for one in lines[1:]]
    return [one for one in meant if one not in excluded]


def _means(rule: dict[str, str], first: int, shown: int) -> bool:
    weekday = _DAYS[(shown - _MONDAY) // 1440 % 7]
    if weekday not in rule.get("BYDAY", weekday).split(","):
        return False
    interval = int(rule["INTERVAL"])
    if rule["FREQ"] == "WEEKLY":
        weeks = (shown - _MONDAY) // 10080 - (first - _MONDAY) // 10080
        return weeks % interval == 0 and ("BYDAY" in rule or (shown - first) % 10080 == 0)
    return (shown - first) // (60 if rule["FREQ"] == "HOURLY" else 1440) % interval == 0
