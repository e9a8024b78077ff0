"""REST v2 for what changes rarely: users, services, escalation policies, priorities, abilities."""

from __future__ import annotations

from syncd.simulator import render
from syncd.simulator.asked import Answer, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import page
from syncd.simulator.refusals import Refused, not_found

ABILITIES = ("advanced_permissions", "event_rules", "manage_schedules", "read_only_users", "teams", "urgencies")
NO_IDENTITY = (
    "Because this request was made using an account-level access token, we were unable to determine the user's "
    "identity. Please use a user-level token."
)


def priorities(caller: Caller) -> Answer:
    world = caller.world
    if not world.switches.has_priorities:
        raise Refused(402, 2014)
    rows = list(world.account.priorities.values())
    return answer(
        200, page(caller.asked, world.switches, "priorities", rows, lambda it: render.priority(world.account, it))
    )


def abilities(caller: Caller) -> Answer:
    has = ABILITIES + (("priorities",) if caller.world.switches.has_priorities else ())
    return answer(200, {"abilities": list(has)})


def services(caller: Caller) -> Answer:
    world, part = caller.world, (caller.asked.one("query") or "").casefold()
    rows = [it for it in world.account.services.values() if part in it.name.casefold()]
    return answer(
        200, page(caller.asked, world.switches, "services", rows, lambda it: render.service(world.account, it))
    )


def service(caller: Caller) -> Answer:
    found = caller.world.account.services.get(caller.path["id"])
    if found is None:
        raise not_found()
    return answer(200, {"service": render.service(caller.world.account, found)})


def policies(caller: Caller) -> Answer:
    world = caller.world
    rows = list(world.account.policies.values())
    shown = page(caller.asked, world.switches, "escalation_policies", rows, lambda it: render.policy(world.account, it))
    return answer(200, shown)


def policy(caller: Caller) -> Answer:
    found = caller.world.account.policies.get(caller.path["id"])
    if found is None:
        raise not_found()
    return answer(200, {"escalation_policy": render.policy(caller.world.account, found)})


def on_calls(caller: Caller) -> Answer:
    """Now, and for good: nobody here works by a schedule."""
    world, wanted = caller.world, caller.asked.many("escalation_policy_ids")
    rows = [
        (policy, world.account.users[who])
        for policy in world.account.policies.values()
        if not wanted or policy.id in wanted
        for who in policy.on_call
    ]
    is_whole = "users" in caller.asked.many("include")
    shown = page(
        caller.asked, world.switches, "oncalls", rows, lambda it: render.on_call(world.account, *it, is_whole=is_whole)
    )
    return answer(200, shown)


def users(caller: Caller) -> Answer:
    """The query looks at names; at addresses too only by switch."""
    world, part = caller.world, (caller.asked.one("query") or "").casefold()
    by_email = world.switches.user_query_matches_email
    rows = [
        it
        for it in world.account.active_users()
        if part in it.name.casefold() or (by_email and part in it.email.casefold())
    ]
    return answer(200, page(caller.asked, world.switches, "users", rows, lambda it: render.user(world.account, it)))


def user(caller: Caller) -> Answer:
    found = caller.world.account.users.get(caller.path["id"])
    if found is None or not found.active:
        raise not_found()
    return answer(200, {"user": render.user(caller.world.account, found)})


def me(caller: Caller) -> Answer:
    """Account keys have no identity, and say so with a string where other errors have an object."""
    if caller.key.kind != "user" or caller.key.user_id is None:
        return answer(400, {"error": NO_IDENTITY})
    return answer(200, {"user": render.user(caller.world.account, caller.world.account.users[caller.key.user_id])})
