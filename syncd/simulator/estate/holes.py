"""Schedules with a gap, each of another kind, and schedules that only look as if they had one.

Each gap is worked out here from how it was planted, and not by whoever renders schedules: so that one can be held against the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import TypeVar

from syncd.simulator.estate.manifest import Interval
from syncd.simulator.estate.rotas import (
    DAY_S,
    EVERY_WEEK,
    HOUR_S,
    WEEK_S,
    begun,
    by_shifts,
    event,
    layer,
    schedule,
)
from syncd.simulator.estate.site import Site
from syncd.simulator.schedules import (
    AnySchedule,
    CustomShift,
    Override,
    Restriction,
    Schedule,
    ShiftOverride,
    ShiftSchedule,
)
from syncd.simulator.wall import DAY, instant, wall

BERLIN, NEW_YORK, SYDNEY, LONDON = "Europe/Berlin", "America/New_York", "Australia/Sydney", "Europe/London"


def dig(site: Site) -> None:
    """Layers first, then shifts."""
    found: list[tuple[AnySchedule, list[Interval]]] = [*_layered(site), *_shifted(site)]
    for made, gaps in found:
        made.team_ids = made.team_ids or (site.team(len(site.holed)).id,)
        site.add(made, sound=False)
        if gaps:
            site.manifest.gap(made.id, gaps)
        else:
            site.manifest.trap("SCH-01", made.id)


def _layered(site: Site) -> Iterator[tuple[Schedule, list[Interval]]]:
    yield _empty(site, schedule(site, "No layers", LONDON))
    yield _ending(site)
    yield _unfilled(site, "Hand-over with a hole", filled=timedelta())
    yield _unfilled(site, "Hand-over half filled", filled=timedelta(minutes=40))
    yield _unfilled(site, "Hand-over filled", filled=timedelta(minutes=95))
    yield _every_evening(site)
    yield _every_weekend(site)
    yield _now(site)


def _shifted(site: Site) -> Iterator[tuple[ShiftSchedule, list[Interval]]]:
    yield _empty(site, by_shifts(site, "No rotations", LONDON))
    yield _nobody_third(site)
    yield _effective_until(site)
    yield _early_morning(site)
    yield _overridden_by_nobody(site)
    yield _custom(site)


def _at(site: Site, days: int, minutes: int) -> datetime:
    return site.after(days=days, minutes=minutes)


Kind = TypeVar("Kind", Schedule, ShiftSchedule)


def _empty(site: Site, made: Kind) -> tuple[Kind, list[Interval]]:
    for check in ("SCH-02", "SCH-03"):
        site.manifest.plant(check, made.id)
    return made, [(site.made, site.manifest.seen_until)]


def _ending(site: Site) -> tuple[Schedule, list[Interval]]:
    end = _at(site, 12, 7 * 60 + 23)
    last = replace(layer(site, site.crew(), begun(site, SYDNEY)), end=end)
    return schedule(site, "Layer that ends", SYDNEY, last), [(end, site.manifest.seen_until)]


def _unfilled(site: Site, name: str, filled: timedelta) -> tuple[Schedule, list[Interval]]:
    """One layer ends 95 minutes before the next begins; an override fills the beginning of it."""
    users, end = site.crew(), _at(site, 9, 11 * 60 + 7)
    start = end + timedelta(minutes=95)
    before = replace(layer(site, users, begun(site, NEW_YORK)), end=end)
    made = schedule(site, name, NEW_YORK, layer(site, users, start, DAY_S), before)
    if filled:
        made.overrides.append(Override(site.ids.record(), users[1], end, end + filled))
    hole = (end + filled, start)
    return made, [hole] if hole[0] < hole[1] else []


def _days(site: Site, zone: str) -> Iterator[datetime]:
    """Every midnight on the wall, from before the manifest's time to after it."""
    midnight = wall(site.made, zone).replace(hour=0, minute=0) - 9 * DAY
    last = wall(site.manifest.seen_until, zone)
    while midnight <= last:
        yield midnight
        midnight += DAY


def _every_evening(site: Site) -> tuple[Schedule, list[Interval]]:
    """Between 17:30 and 18:15 nobody is on call."""
    users, start = site.crew(), begun(site, NEW_YORK, 6)
    day, night = Restriction(time(6), 11 * HOUR_S + 1_800), Restriction(time(18, 15), 11 * HOUR_S + 2_700)
    made = schedule(
        site,
        "Evenings forgotten",
        NEW_YORK,
        layer(site, users, start, WEEK_S, day),
        layer(site, users[::-1], start, WEEK_S, night),
    )
    return made, [
        (
            instant(day + timedelta(hours=17, minutes=30), NEW_YORK),
            instant(day + timedelta(hours=18, minutes=15), NEW_YORK),
        )
        for day in _days(site, NEW_YORK)
    ]


def _every_weekend(site: Site) -> tuple[Schedule, list[Interval]]:
    """From Monday 08:00 to Friday 20:00 only."""
    hours = Restriction(time(8), 4 * DAY_S + 12 * HOUR_S, 1)
    made = schedule(site, "Weekends forgotten", BERLIN, layer(site, site.crew(), begun(site, BERLIN, 8), WEEK_S, hours))
    return made, [
        (instant(day + timedelta(hours=20), BERLIN), instant(day + 3 * DAY + timedelta(hours=8), BERLIN))
        for day in _days(site, BERLIN)
        if day.isoweekday() == 5
    ]


def _now(site: Site) -> tuple[Schedule, list[Interval]]:
    """Nobody is on call while the account is made, and for three hours more."""
    users, end, start = site.crew(), _at(site, 0, -60), _at(site, 0, 180)
    before = replace(layer(site, users, begun(site, LONDON)), end=end)
    return schedule(site, "Nobody now", LONDON, layer(site, users, start), before), [(end, start)]


def _nobody_third(site: Site) -> tuple[ShiftSchedule, list[Interval]]:
    """Of every three weeks one is nobody's, on purpose."""
    (one, other, *_), start = site.crew(), begun(site, BERLIN)
    made = by_shifts(site, "Empty place", BERLIN, event(site, start, 7 * DAY, BERLIN, (one, None, other), EVERY_WEEK))
    shown = wall(start, BERLIN)
    weeks = [(shown + 7 * DAY * number, shown + 7 * DAY * (number + 1)) for number in range(1, 60, 3)]
    return made, [(instant(a, BERLIN), instant(b, BERLIN)) for a, b in weeks]


def _next(site: Site, zone: str, days: int, at: time) -> datetime:
    """That time of the zone, so many days ahead."""
    return instant(datetime.combine(wall(site.made, zone).date() + DAY * days, at), zone)


def _effective_until(site: Site) -> tuple[ShiftSchedule, list[Interval]]:
    until = _next(site, SYDNEY, 16, time(9))
    made = by_shifts(
        site, "Rotation that ends", SYDNEY, event(site, begun(site, SYDNEY), DAY, SYDNEY, site.crew(), until=until)
    )
    return made, [(until, site.manifest.seen_until)]


def _early_morning(site: Site) -> tuple[ShiftSchedule, list[Interval]]:
    """Between 05:30 and 06:00 nobody is on call."""
    users, start = site.crew(), begun(site, NEW_YORK, 6)
    evening = instant(wall(start, NEW_YORK) + timedelta(hours=12), NEW_YORK)
    day = event(site, start, timedelta(hours=12), NEW_YORK, users)
    night = event(site, evening, timedelta(hours=11, minutes=30), NEW_YORK, users[::-1])
    return by_shifts(site, "Early mornings forgotten", NEW_YORK, day, night), [
        (instant(day + timedelta(hours=5, minutes=30), NEW_YORK), instant(day + timedelta(hours=6), NEW_YORK))
        for day in _days(site, NEW_YORK)
    ]


def _overridden_by_nobody(site: Site) -> tuple[ShiftSchedule, list[Interval]]:
    """For three hours whoever is on call is replaced by nobody."""
    users, start = site.crew(), begun(site, LONDON)
    made = by_shifts(site, "Overridden by nobody", LONDON, event(site, start, 7 * DAY, LONDON, users, EVERY_WEEK))
    begins = _at(site, 5, 200)
    ends = begins + timedelta(hours=3)
    made.overrides += [
        ShiftOverride(site.ids.log_entry(), made.rotations[0].id, begins, ends, who, None) for who in users
    ]
    return made, [(begins, ends)]


def _custom(site: Site) -> tuple[ShiftSchedule, list[Interval]]:
    """Two hours between one event and the next, and a shift made for them."""
    users, until = site.crew(), _next(site, BERLIN, 7, time(9))
    since = _next(site, BERLIN, 7, time(11))
    first = event(site, begun(site, BERLIN), DAY, BERLIN, users, until=until)
    made = by_shifts(site, "Custom shift between", BERLIN, first, event(site, since, DAY, BERLIN, users))
    made.custom_shifts = (CustomShift(site.ids.log_entry(), until, since, users[2]),)
    return made, []
