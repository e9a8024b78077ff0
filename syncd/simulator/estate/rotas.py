"""Schedules that nothing is wrong with: somebody is on call at every minute, whatever clocks do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from itertools import cycle, islice

from syncd.simulator.estate.site import ZONES, Site
from syncd.simulator.schedules import (
    AnySchedule,
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
from syncd.simulator.wall import DAY, instant, wall

HOUR_S, DAY_S, WEEK_S = 3_600, 86_400, 604_800
SINCE = timedelta(days=200)
EVERY_DAY, EVERY_WEEK = ("RRULE:FREQ=DAILY",), ("RRULE:FREQ=WEEKLY",)

Making = Callable[[Site, str, str, tuple[str, ...]], AnySchedule]


def begun(site: Site, zone: str, hour: int = 9) -> datetime:
    """A Monday long ago, at that hour of the zone."""
    day = wall(site.made - SINCE, zone).replace(hour=hour, minute=0, second=0, microsecond=0)
    return instant(day - DAY * day.weekday(), zone)


def layer(
    site: Site, users: tuple[str, ...], start: datetime, turn_s: int = WEEK_S, *restrictions: Restriction
) -> Layer:
    return Layer(site.ids.record(), "Layer", start, users, turn_s, restrictions=restrictions)


def schedule(site: Site, name: str, zone: str, *layers: Layer) -> Schedule:
    return Schedule(site.ids.record(), name, zone, layers)


def event(
    site: Site,
    start: datetime,
    length: timedelta,
    zone: str,
    members: tuple[Member, ...],
    recurrence: tuple[str, ...] = EVERY_DAY,
    **more: object,
) -> ShiftEvent:
    """The length is one on the wall."""
    end = instant(wall(start, zone) + length, zone)
    return ShiftEvent(site.ids.log_entry(), "Shift", start, end, zone, start, recurrence, members, **more)  # type: ignore[arg-type]  # the fields of its callers, each by its name


def by_shifts(site: Site, name: str, zone: str, *events: ShiftEvent) -> ShiftSchedule:
    rotations = (Rotation(site.ids.log_entry(), events),) if events else ()
    return ShiftSchedule(site.ids.record(), name, zone, rotations)


def _weekly(site: Site, name: str, zone: str, users: tuple[str, ...]) -> Schedule:
    return schedule(site, name, zone, layer(site, users, begun(site, zone)))


def _daily(site: Site, name: str, zone: str, users: tuple[str, ...]) -> Schedule:
    return schedule(site, name, zone, layer(site, users, begun(site, zone, 7), DAY_S))


def _eight_hours(site: Site, name: str, zone: str, users: tuple[str, ...]) -> Schedule:
    return schedule(site, name, zone, layer(site, users, begun(site, zone, 6), 8 * HOUR_S))


def _day_and_night(site: Site, name: str, zone: str, users: tuple[str, ...]) -> Schedule:
    start = begun(site, zone, 8)
    day, night = Restriction(time(8), 12 * HOUR_S), Restriction(time(20), 12 * HOUR_S)
    return schedule(
        site, name, zone, layer(site, users, start, WEEK_S, day), layer(site, users[::-1], start, DAY_S, night)
    )


def _week_and_weekend(site: Site, name: str, zone: str, users: tuple[str, ...]) -> Schedule:
    start = begun(site, zone, 0)
    week, weekend = Restriction(time(0), 5 * DAY_S, 1), Restriction(time(0), 2 * DAY_S, 6)
    return schedule(
        site, name, zone, layer(site, users, start, WEEK_S, week), layer(site, users[::-1], start, WEEK_S, weekend)
    )


def _stacked(site: Site, name: str, zone: str, users: tuple[str, ...]) -> Schedule:
    """The upper layer has office hours, and the lower one all that is left."""
    start = begun(site, zone, 8)
    office = Restriction(time(9), 8 * HOUR_S)
    return schedule(
        site, name, zone, layer(site, users[:2], start, DAY_S, office), layer(site, users[::-1], start, WEEK_S)
    )


def _by_weeks(site: Site, name: str, zone: str, users: tuple[str, ...]) -> ShiftSchedule:
    return by_shifts(site, name, zone, event(site, begun(site, zone), 7 * DAY, zone, users, EVERY_WEEK))


def _by_halves(site: Site, name: str, zone: str, users: tuple[str, ...]) -> ShiftSchedule:
    start, half = begun(site, zone, 8), timedelta(hours=12)
    later = instant(wall(start, zone) + half, zone)
    first = event(site, start, half, zone, users, shifts_each=7)
    return by_shifts(site, name, zone, first, event(site, later, half, zone, users[::-1], shifts_each=7))


def _all_at_once(site: Site, name: str, zone: str, users: tuple[str, ...]) -> ShiftSchedule:
    return by_shifts(site, name, zone, event(site, begun(site, zone, 0), DAY, zone, users, everybody=True))


def _by_days(site: Site, name: str, zone: str, users: tuple[str, ...]) -> ShiftSchedule:
    start = begun(site, zone, 0)
    saturday = instant(wall(start, zone) + 5 * DAY, zone)
    week = event(site, start, DAY, zone, users, ("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",), shifts_each=5)
    weekend = event(site, saturday, DAY, zone, users[::-1], ("RRULE:FREQ=WEEKLY;BYDAY=SA,SU",), shifts_each=2)
    return by_shifts(site, name, zone, week, weekend)


IN_LAYERS: tuple[Making, ...] = (_weekly, _daily, _day_and_night, _eight_hours, _week_and_weekend, _stacked)
IN_SHIFTS: tuple[Making, ...] = (_by_weeks, _by_halves, _all_at_once, _by_days)


def draw(site: Site, layered: int, shifted: int) -> None:
    """So many of each kind, of all sorts, in many zones; in some somebody takes over for an evening."""
    makings = [*islice(cycle(IN_LAYERS), layered), *islice(cycle(IN_SHIFTS), shifted)]
    for number, making in enumerate(makings):
        zone, team = ZONES[number % len(ZONES)], site.team(number)
        made = making(site, f"{team.name} rota {number + 1}", zone, site.crew())
        made.team_ids = (team.id,)
        site.add(made)
        if number % 4 == 1:
            _take_over(site, made, number)


def _take_over(site: Site, made: AnySchedule, number: int) -> None:
    start = site.after(days=number % 20 + 1, hours=1)
    end, (first, second, *_) = start + timedelta(hours=5), made.user_ids
    if isinstance(made, Schedule):
        made.overrides.append(Override(site.ids.record(), first, start, end))
    else:
        made.overrides.append(ShiftOverride(site.ids.log_entry(), made.rotations[0].id, start, end, first, second))
