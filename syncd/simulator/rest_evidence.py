"""REST v2 for what an account tells about itself: licences, who holds them, its audit trail, and who is signed in."""

from __future__ import annotations

from syncd.simulator import render
from syncd.simulator.account import User
from syncd.simulator.asked import Answer, Json, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import page
from syncd.simulator.refusals import not_found

LICENCE_ID = "PSIMLIC"
_FREE = 10  # licences that nobody holds
_ROLES = ("owner", "admin", "user", "limited_user", "observer", "restricted_access")


def licences(caller: Caller) -> Answer:
    """One list, without pages."""
    held = len(list(caller.world.account.active_users()))
    return answer(200, {"licenses": [{**_licence(), "current_value": held, "allocations_available": _FREE}]})


def licence_allocations(caller: Caller) -> Answer:
    world = caller.world

    def shown(user: User) -> Json:
        since = render.seconds(world.now())
        return {"user": render.user_reference(world.account, user), "license": _licence(), "allocated_at": since}

    rows = list(world.account.active_users())
    return answer(200, page(caller.asked, world.switches, "license_allocations", rows, shown))


def audit_records(caller: Caller) -> Answer:
    """It keeps no audit trail: the list is always empty."""
    return answer(200, {"records": [], "limit": _limit(caller), "next_cursor": None})


def delegations(caller: Caller) -> Answer:
    """Nobody signs in to a simulated account."""
    found = caller.world.account.users.get(caller.path["id"])
    if found is None or not found.active:
        raise not_found()
    return answer(200, {"oauth_delegations": [], "limit": _limit(caller), "more": False, "next_cursor": None})


def _limit(caller: Caller) -> int:
    given = caller.asked.one("limit") or ""
    return int(given) if given.isdecimal() else 25


def _licence() -> Json:
    name = "Business (Full User)"
    return {
        "id": LICENCE_ID,
        "type": "license",
        "name": name,
        "summary": name,
        "description": "",
        "valid_roles": list(_ROLES),
        "role_group": "FullUser",
        "self": None,
        "html_url": None,
    }
