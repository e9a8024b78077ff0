"""REST v2 for what changes rarely: services, escalation policies, maintenance windows, priorities, abilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from syncd.simulator import render, render_directory
from syncd.simulator.account import Maintenance, Policy, Service
from syncd.simulator.asked import Answer, Asked, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import page
from syncd.simulator.refusals import Refused, invalid, not_found

ABILITIES = ("advanced_permissions", "event_rules", "manage_schedules", "read_only_users", "urgencies")

Named = TypeVar("Named", Service, Policy)


def priorities(caller: Caller) -> Answer:
    world = caller.world
    if not world.switches.has_priorities:
        raise Refused(402, 2014)
    rows = list(world.account.priorities.values())
    return answer(
        200, page(caller.asked, world.switches, "priorities", rows, lambda it: render.priority(world.account, it))
    )


def _abilities(caller: Caller) -> list[str]:
    switches = caller.world.switches
    more = (("priorities", switches.has_priorities), ("teams", switches.has_teams))
    return [*ABILITIES, *(name for name, has in more if has)]


def abilities(caller: Caller) -> Answer:
    return answer(200, {"abilities": _abilities(caller)})


def ability(caller: Caller) -> Answer:
    """204: the account has it; 402: its plan does not."""
    if caller.path["id"] not in _abilities(caller):
        raise Refused(402, 2014)
    return answer(204)


def services(caller: Caller) -> Answer:
    world, asked = caller.world, caller.asked
    rows = _listed(caller, world.account.services.values(), lambda it: it.team_ids)
    exact = asked.one("name")
    found = [it for it in rows if exact is None or it.name == exact]
    shown, include = render_directory.Services(world.account, world.account.open_states()), asked.many("include")
    return answer(200, page(asked, world.switches, "services", found, lambda it: shown.shown(it, include)))


def service(caller: Caller) -> Answer:
    found = caller.world.account.services.get(caller.path["id"])
    if found is None or not caller.sight.sees(found.team_ids):
        raise not_found()
    return answer(200, {"service": render_directory.service(caller.world.account, found, caller.asked.many("include"))})


def policies(caller: Caller) -> Answer:
    world, asked = caller.world, caller.asked
    rows = _listed(caller, world.account.policies.values(), lambda it: it.team_ids)
    users, include = asked.many("user_ids"), asked.many("include")
    found = [it for it in rows if not users or _names(it, users)]
    shown = page(
        asked,
        world.switches,
        "escalation_policies",
        found,
        lambda it: render_directory.policy(world.account, it, include),
    )
    return answer(200, shown)


def _names(policy: Policy, users: Iterable[str]) -> bool:
    return any(target.id in users for level in policy.levels for target in level.targets)


def policy(caller: Caller) -> Answer:
    found = caller.world.account.policies.get(caller.path["id"])
    if found is None or not caller.sight.sees(found.team_ids):
        raise not_found()
    include = caller.asked.many("include")
    return answer(200, {"escalation_policy": render_directory.policy(caller.world.account, found, include)})


def _listed(caller: Caller, rows: Iterable[Named], owners: Callable[[Named], tuple[str, ...]]) -> list[Named]:
    """What the caller may see, by name."""
    asked, sight = caller.asked, caller.sight
    part, teams = (asked.one("query") or "").casefold(), set(asked.many("team_ids"))
    found = [
        it
        for it in rows
        if part in it.name.casefold() and (not teams or teams & set(owners(it))) and sight.sees(owners(it))
    ]
    return sorted(found, key=lambda it: it.name.casefold(), reverse=_is_descending(asked))


def _is_descending(asked: Asked) -> bool:
    by, _, direction = (asked.one("sort_by") or "name").partition(":")
    if by != "name" or direction not in ("", "asc", "desc"):
        raise invalid("sort_by is name, name:asc or name:desc.")
    return direction == "desc"


def maintenance_windows(caller: Caller) -> Answer:
    world, asked, now = caller.world, caller.asked, caller.world.now()
    chosen: dict[str, Callable[[Maintenance], bool]] = {
        "past": lambda it: it.end <= now,
        "ongoing": lambda it: it.start <= now < it.end,
        "future": lambda it: it.start > now,
        "open": lambda it: it.end > now,
        "all": lambda _: True,
    }
    is_meant, wanted = chosen.get(asked.one("filter") or "all", chosen["all"]), set(asked.many("service_ids"))
    rows = [
        it
        for it in world.account.maintenance
        if is_meant(it) and (not wanted or wanted & set(it.service_ids)) and _sees_one(caller, it)
    ]
    shown = page(
        asked, world.switches, "maintenance_windows", rows, lambda it: render_directory.maintenance(world.account, it)
    )
    return answer(200, shown)


def _sees_one(caller: Caller, it: Maintenance) -> bool:
    services, sight = caller.world.account.services, caller.sight
    return any(sight.sees(services[one].team_ids) for one in it.service_ids)
