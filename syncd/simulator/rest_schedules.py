"""REST v2 for layer-based schedules; it knows nothing of those by shifts, which have paths of their own."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfoNotFoundError

from syncd.simulator import oncall, render_directory, render_schedules
from syncd.simulator.asked import Answer, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import moment, page
from syncd.simulator.refusals import Refused, invalid, not_found
from syncd.simulator.render_schedules import Window
from syncd.simulator.schedules import AnySchedule, Schedule
from syncd.simulator.wall import zone_of

DEFAULT_SPAN = timedelta(days=14)


def index(caller: Caller) -> Answer:
    world, asked = caller.world, caller.asked
    part, teams, include = (asked.one("query") or "").casefold(), set(asked.many("team_ids")), asked.many("include")
    rows = [
        it
        for it in world.account.schedules.values()
        if part in it.name.casefold() and (not teams or teams & set(it.team_ids)) and caller.sight.sees(it.team_ids)
    ]
    shown = page(
        asked,
        world.switches,
        "schedules",
        rows,
        lambda it: render_schedules.schedule(world.account, it, window(caller, it), include),
    )
    return answer(200, shown)


def show(caller: Caller) -> Answer:
    found = _schedule(caller)
    return answer(200, {"schedule": render_schedules.schedule(caller.world.account, found, window(caller, found))})


def overrides(caller: Caller) -> Answer:
    found = _schedule(caller)
    asked_for = required_window(caller, found)
    shown = [
        render_schedules.override(caller.world.account, it, asked_for)
        for it in found.overrides
        if it.start < asked_for.until and it.end > asked_for.since
    ]
    return answer(caller.world.switches.overrides_status, {"overrides": shown})


def users(caller: Caller) -> Answer:
    """Whoever is on call at some time of the window; without one, whoever is on the schedule. There are no pages."""
    found, account = _schedule(caller), caller.world.account
    asked_for = window(caller, found)
    who = found.user_ids if asked_for is None else oncall.users_of(found, asked_for.since, asked_for.until)
    return answer(200, {"users": [render_directory.user(account, account.users[one]) for one in who]})


def _schedule(caller: Caller) -> Schedule:
    found = caller.world.account.schedules.get(caller.path["id"])
    if found is None or not caller.sight.sees(found.team_ids):
        raise not_found()
    return found


def window(caller: Caller, of: AnySchedule) -> Window | None:
    """None: no times were given, and nothing is worked out."""
    asked = caller.asked
    since, until = moment(asked.one("since")), moment(asked.one("until"))
    if since is None and until is None:
        return None
    start = since or (until or caller.world.now()) - DEFAULT_SPAN
    end = until or start + DEFAULT_SPAN
    if end <= start:
        raise Refused(400, 2005)
    return Window(start, end, _zone(caller, of), overflow=asked.one("overflow") == "true")


def required_window(caller: Caller, of: AnySchedule) -> Window:
    if not (caller.asked.one("since") and caller.asked.one("until")):
        raise Refused(400, 2003, "Since and until must be given.")
    found = window(caller, of)
    if found is None:
        raise Refused(400, 2004)
    return found


def _zone(caller: Caller, of: AnySchedule) -> str:
    named = caller.asked.one("time_zone") or of.zone
    try:
        zone_of(named)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise invalid("Time zone is not known.") from error
    return named
