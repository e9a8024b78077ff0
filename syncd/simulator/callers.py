"""Who is calling: keys, budgets, and the From header. Each check refuses in PagerDuty's words and order."""

from __future__ import annotations

from dataclasses import dataclass

from syncd.simulator import render
from syncd.simulator.account import Key, User
from syncd.simulator.asked import Asked, Json
from syncd.simulator.budgets import Budgets, Standing
from syncd.simulator.refusals import Refused
from syncd.simulator.sight import Sight, sight_of
from syncd.simulator.world import World


@dataclass(frozen=True, slots=True)
class Caller:
    """One request with everything that is known of whoever makes it."""

    world: World
    asked: Asked
    key: Key
    path: dict[str, str]  # what the route's pattern caught

    @property
    def body(self) -> Json:
        return self.asked.json()

    @property
    def sight(self) -> Sight:
        return sight_of(self.world.account, self.key)


def key_of(world: World, asked: Asked) -> Key:
    unknown = Refused(401, 2006, message=world.switches.wrong_key_message)
    kind, _, rest = (asked.header("authorization") or "").partition(" ")
    secret = rest.strip()
    if kind.casefold() == "token":
        secret = secret.removeprefix("token=").strip('"')
    elif kind.casefold() != "bearer":
        raise unknown
    key = world.account.keys.get(secret)
    if key is None or key.revoked or not _is_alive(world, key):
        raise unknown
    return key


def _is_alive(world: World, key: Key) -> bool:
    """A user's key dies with the user; an account's key does not. A token has its time."""
    if key.until is not None and world.now() >= key.until:
        return False
    return key.kind != "user" or (key.user_id is not None and world.account.users[key.user_id].active)


def limits_of(world: World, asked: Asked, key: Key) -> list[tuple[str, int]]:
    switches = world.switches
    limits = [(key.budget, switches.requests_per_minute)]
    if asked.method == "POST" and asked.path == "/incidents" and switches.creates_per_minute:
        limits.append(("create", switches.creates_per_minute))
    if asked.method == "PUT" and asked.path == "/incidents":
        limits.append(("bulk", switches.bulk_updates_per_minute))
    if asked.path == "/oncalls" and switches.oncalls_per_minute:
        limits.append(("oncalls", switches.oncalls_per_minute))
    return limits


def spend(world: World, budgets: Budgets, asked: Asked, key: Key) -> Standing:
    return budgets.spend(limits_of(world, asked, key), world.now())


def agent_of(caller: Caller) -> Json | None:
    """Whose write this is. Account keys must name a user; a user's key names its own; an app may name nobody."""
    world, key = caller.world, caller.key
    email = caller.asked.header("from")
    if key.kind == "user" and key.user_id is not None:
        return _responder(world, world.account.users[key.user_id])
    if key.kind == "app" and not world.switches.from_needed_by_apps:
        return _app(world)
    if not email:
        raise Refused(400, 2003, "The From header must hold the e-mail address of a user of this account")
    user = world.account.user_of_email(email)
    if user is None:
        raise Refused(400, 1008)
    return _responder(world, user)


def _responder(world: World, user: User) -> Json:
    if not user.can_respond:
        raise Refused(world.switches.requester_refused_status, 1018)
    return render.user_reference(world.account, user)


def _app(world: World) -> Json:
    return {
        "id": "PAPP001",
        "type": world.switches.app_agent_type,
        "summary": "Simulated app",
        "self": None,
        "html_url": None,
    }


_WITHHELD_CODES = {402: 2014, 403: 2010, 404: 2100}


def refuse_withheld(key: Key, path: str) -> None:
    """What a person has taken from this key. A scoped token's refusal says which scopes it would have needed."""
    for one in key.withheld:
        if one.meets(path):
            scopes = {"required_scopes": one.required_scopes, "token_scopes": one.token_scopes}
            more = {name: value for name, value in scopes.items() if value}
            raise Refused(one.status, _WITHHELD_CODES.get(one.status, 2010), more=more)


def refuse_read_only(key: Key, method: str) -> None:
    if key.kind == "read_only" and method not in ("GET", "HEAD"):
        raise Refused(403, 2010, "This key is read-only")


_SCOPED_AS = {
    "log_entries": "incidents",
    "audit": "audit_records",
    "license_allocations": "licenses",
    "maintenance_windows": "services",
}


def required_scope(method: str, path: str) -> str:
    """What an OAuth token needs for this; empty: none is documented."""
    if path.rstrip("/") == "/users/me":
        return ""
    resource, *more = path.strip("/").removeprefix("v3/").split("/")
    verb = "read" if method in ("GET", "HEAD") else "write"
    if more and more[-1] == "oauth_delegations":
        resource = more[-1]
    if resource == "schedules" and more and more[-1] == "users":
        resource = more[-1]
    return f"{_SCOPED_AS.get(resource, resource)}.{verb}"


def refuse_missing_scope(key: Key, asked: Asked) -> None:
    needed = required_scope(asked.method, asked.path)
    if key.scopes is None or not needed or _covers(key.scopes, needed):
        return
    more = {"required_scopes": needed, "token_scopes": " ".join(key.scopes)}
    raise Refused(403, 2010, message="Your token does not have the scopes this needs", more=more)


def _covers(scopes: tuple[str, ...], needed: str) -> bool:
    """The two scopes of classic tokens stand for those of every resource."""
    is_read = needed.endswith(".read")
    return needed in scopes or "write" in scopes or (is_read and "read" in scopes)
