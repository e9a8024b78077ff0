"""REST v2 for people and teams."""

from __future__ import annotations

from syncd.simulator import render_directory
from syncd.simulator.account import Team, User
from syncd.simulator.asked import Answer, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import page
from syncd.simulator.refusals import Refused, not_found

NO_IDENTITY = (
    "Because this request was made using an account-level access token, we were unable to determine the user's "
    "identity. Please use a user-level token."
)


def users(caller: Caller) -> Answer:
    """The query looks at names; at addresses too only by switch."""
    world, part = caller.world, (caller.asked.one("query") or "").casefold()
    by_email, include = world.switches.user_query_matches_email, caller.asked.many("include")
    teams = set(caller.asked.many("team_ids"))
    rows = [
        it
        for it in world.account.active_users()
        if (part in it.name.casefold() or (by_email and part in it.email.casefold()))
        and (not teams or any(team.id in teams for team in world.account.teams_of(it.id)))
        and _sees(caller, it)
    ]
    shown = page(
        caller.asked, world.switches, "users", rows, lambda it: render_directory.user(world.account, it, include)
    )
    return answer(200, shown)


def _sees(caller: Caller, it: User) -> bool:
    """Whoever is bound to teams sees who is in them, and themselves."""
    teams = caller.sight.teams
    if teams is None or it.id == caller.key.user_id:
        return True
    return any(team.id in teams for team in caller.world.account.teams_of(it.id))


def user(caller: Caller) -> Answer:
    found = caller.world.account.users.get(caller.path["id"])
    if found is None or not found.active or not _sees(caller, found):
        raise not_found()
    return answer(200, {"user": render_directory.user(caller.world.account, found, caller.asked.many("include"))})


def me(caller: Caller) -> Answer:
    """Account keys have no identity, and say so with a string where other errors have an object."""
    if caller.key.kind != "user" or caller.key.user_id is None:
        return answer(400, {"error": NO_IDENTITY})
    own = caller.world.account.users[caller.key.user_id]
    return answer(200, {"user": render_directory.user(caller.world.account, own, caller.asked.many("include"))})


def teams(caller: Caller) -> Answer:
    _refuse_without_teams(caller)
    world, part = caller.world, (caller.asked.one("query") or "").casefold()
    rows = [it for it in world.account.teams.values() if part in it.name.casefold() and caller.sight.sees((it.id,))]
    shown = page(caller.asked, world.switches, "teams", rows, lambda it: render_directory.team(world.account, it))
    return answer(200, shown)


def team(caller: Caller) -> Answer:
    return answer(200, {"team": render_directory.team(caller.world.account, _team(caller))})


def members(caller: Caller) -> Answer:
    account, include = caller.world.account, caller.asked.many("include")
    rows = [(who, role) for who, role in _team(caller).members.items() if account.users[who].active]
    shown = page(
        caller.asked,
        caller.world.switches,
        "members",
        rows,
        lambda it: render_directory.member(account, *it, include=include),
    )
    return answer(200, shown)


def _team(caller: Caller) -> Team:
    _refuse_without_teams(caller)
    found = caller.world.account.teams.get(caller.path["id"])
    if found is None or not caller.sight.sees((found.id,)):
        raise not_found()
    return found


def _refuse_without_teams(caller: Caller) -> None:
    if not caller.world.switches.has_teams:
        raise Refused(402, 2014)
