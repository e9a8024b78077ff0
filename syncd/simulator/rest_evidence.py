"""REST v2 for what an account tells about itself: licences, who holds them, its audit trail, and who is signed in."""

from __future__ import annotations

from datetime import datetime, timedelta

from syncd.simulator import render
from syncd.simulator.account import User
from syncd.simulator.asked import Answer, Json, answer
from syncd.simulator.audit import AuditRecord, Chosen
from syncd.simulator.callers import Caller
from syncd.simulator.events import milliseconds
from syncd.simulator.paging import MOST, moment, number, page
from syncd.simulator.refusals import Refused, invalid, not_found
from syncd.simulator.sight import SEE_ALL

LICENCE_ID = "PSIMLIC"
_FREE = 10  # licences that nobody holds
_ROLES = ("owner", "admin", "user", "limited_user", "observer", "restricted_access")
_A_DAY, _LONGEST = timedelta(days=1), timedelta(days=31)


def licences(caller: Caller) -> Answer:
    """One list, without pages."""
    held = len(list(caller.world.account.active_users()))
    return answer(200, {"licenses": [{**_licence(), "current_value": held, "allocations_available": _FREE}]})


def licence_allocations(caller: Caller) -> Answer:
    world = caller.world

    def shown(user: User) -> Json:
        since = render.seconds(user.created_at or world.now())
        return {"user": render.user_reference(world.account, user), "license": _licence(), "allocated_at": since}

    rows = list(world.account.active_users())
    return answer(200, page(caller.asked, world.switches, "license_allocations", rows, shown))


def audit_records(caller: Caller) -> Answer:
    """Newest first; the cursor says after which record the next page begins, so that what is new moves no page."""
    _refuse_audit(caller)
    world, asked = caller.world, caller.asked
    limit = min(number(asked, "limit", MOST), MOST)
    rows = _chosen(caller).newest_first(world.account.audit, world.now())
    cursor = asked.one("cursor")
    if cursor:
        at = next((number for number, it in enumerate(rows) if it.id == cursor), None)
        if at is None:
            raise invalid("The cursor is not known.")
        rows = rows[at + 1 :]
    page_shown = rows[:limit]
    following = page_shown[-1].id if len(rows) > limit else None
    shown = [_record(caller, it) for it in page_shown]
    return answer(
        200, {"records": shown, "response_metadata": {"messages": []}, "limit": limit, "next_cursor": following}
    )


def _refuse_audit(caller: Caller) -> None:
    """The plan has to have it, and whoever asks has to be an admin or an account's key."""
    world, key = caller.world, caller.key
    if not world.switches.has_audit_trail:
        raise Refused(402, 2014)
    user = world.account.users.get(key.user_id or "")
    if key.team_ids or (key.kind == "user" and user is not None and user.role not in SEE_ALL):
        raise Refused(403, 2010)


def _chosen(caller: Caller) -> Chosen:
    asked, now = caller.asked, caller.world.now()
    until = moment(asked.one("until")) or now
    since = moment(asked.one("since")) or _a_day_before(asked.one("until"), until, now)
    if until < since or until - since > _LONGEST:
        raise Refused(400, 2005, "The time between since and until must be at most 31 days.")
    return Chosen(since, until, asked.many("root_resource_types"), asked.many("actions"))


def _a_day_before(given: str | None, until: datetime, now: datetime) -> datetime:
    return (until if given else now) - _A_DAY


def _record(caller: Caller, it: AuditRecord) -> Json:
    account = caller.world.account
    user = account.users.get(it.user_id or "")
    resource = render.reference(account, it.kind, it.record_id, it.summary)
    changed = [{"name": one.name, "value": one.value, "before_value": one.before} for one in it.fields]
    return {
        "id": it.id,
        "self": None,
        "execution_time": milliseconds(it.at),
        "execution_context": {"request_id": it.id, "remote_address": None},
        "actors": None if user is None else [render.user_reference(account, user)],
        "method": {"type": it.method, "truncated_token": None},
        "root_resource": resource,
        "action": it.action,
        "details": {"resource": resource, "fields": changed, "references": []},
    }


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
