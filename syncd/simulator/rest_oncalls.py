"""REST v2 for who is on call: /oncalls."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.simulator import oncall, render_directory
from syncd.simulator.asked import Answer, answer
from syncd.simulator.callers import Caller
from syncd.simulator.oncall import AN_INSTANT, Duty
from syncd.simulator.paging import moment, page
from syncd.simulator.refusals import Refused

AHEAD = timedelta(days=90)
_OF_A_PAGE = ("limit", "offset", "total")


def on_calls(caller: Caller) -> Answer:
    world, asked = caller.world, caller.asked
    since, until = _window(caller)
    chosen = tuple((name, value) for name, value in asked.pairs() if name not in _OF_A_PAGE)
    key = ("oncalls", since, until, chosen, caller.key.secret)
    rows = world.remembered(key, lambda: _found(caller, since, until))
    include = asked.many("include")
    shown = page(
        asked, world.switches, "oncalls", rows, lambda it: render_directory.on_call(world.account, it, include)
    )
    return answer(200, shown)


def _window(caller: Caller) -> tuple[datetime, datetime]:
    """Without times it is now. Nobody is told of what lies more than 90 days ahead."""
    now = caller.world.now()
    since = moment(caller.asked.one("since")) or now
    until = moment(caller.asked.one("until")) or max(since, now)
    if until < since:
        raise Refused(400, 2005)
    return since, max(min(until, now + AHEAD), since + AN_INSTANT)


def _found(caller: Caller, since: datetime, until: datetime) -> list[Duty]:
    asked, account, sight = caller.asked, caller.world.account, caller.sight
    wanted, users, schedules = (asked.many(f"{name}_ids") for name in ("escalation_policy", "user", "schedule"))
    policies = [it for it in account.policies.values() if (not wanted or it.id in wanted) and sight.sees(it.team_ids)]
    found = [
        it
        for it in oncall.duties(caller.world, policies, since, until)
        if (not users or it.user_id in users) and (not schedules or (it.schedule_id or "null") in schedules)
    ]
    return oncall.earliest(found) if asked.one("earliest") == "true" else found
