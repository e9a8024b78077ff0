"""REST v2 for webhook subscriptions. The secret is told once; the address cannot be changed afterwards."""

from __future__ import annotations

from typing import Protocol

from syncd.simulator import render
from syncd.simulator.account import Subscription
from syncd.simulator.asked import Answer, Json, answer
from syncd.simulator.callers import Caller
from syncd.simulator.paging import page
from syncd.simulator.refusals import Refused, invalid, not_found
from syncd.simulator.world import World

FILTERS = ("account_reference", "service_reference", "team_reference")
MOST_PER_SCOPE = 10


class Pings(Protocol):
    def ping(self, subscription: Subscription) -> None: ...


def subscribe(world: World, data: Json) -> Subscription:
    method = data.get("delivery_method") or {}
    filter_type, filter_id = checked_filter(world, data.get("filter"))
    same = [s for s in world.account.subscriptions.values() if (s.filter_type, s.filter_id) == (filter_type, filter_id)]
    if len(same) >= MOST_PER_SCOPE:
        raise Refused(400, 2019, f"At most {MOST_PER_SCOPE} subscriptions for one scope")
    url = str(method.get("url", ""))
    if not url.startswith(("http://", "https://")):
        raise invalid("Delivery method url is invalid.")
    subscription = Subscription(
        id=world.ids.record(),
        url=url,
        events=checked_events(data.get("events")),
        filter_type=filter_type,
        filter_id=filter_id,
        delivery_id=world.ids.record(),
        secrets=[world.ids.secret()],
        description=str(data.get("description") or ""),
        custom_headers={str(h["name"]): str(h["value"]) for h in method.get("custom_headers") or []},
        active=data.get("active") is not False,
    )
    world.account.subscriptions[subscription.id] = subscription
    world.revision += 1
    return subscription


def checked_events(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise invalid("Events must name at least one event type.")
    return tuple(dict.fromkeys(value))


def checked_filter(world: World, value: object) -> tuple[str, str | None]:
    chosen = value if isinstance(value, dict) else {}
    kind, wanted = chosen.get("type"), chosen.get("id")
    if kind not in FILTERS:
        raise invalid("Filter type is invalid.")
    if kind == "account_reference":
        return kind, None
    if kind == "team_reference" or wanted not in world.account.services:
        raise invalid("Filter id is invalid.")
    return str(kind), str(wanted)


def index(caller: Caller) -> Answer:
    world, asked = caller.world, caller.asked
    kind, wanted = asked.one("filter_type"), asked.one("filter_id")
    rows = [
        it
        for it in world.account.subscriptions.values()
        if (not kind or it.filter_type == f"{kind}_reference") and (not wanted or it.filter_id == wanted)
    ]
    shown = page(asked, world.switches, "webhook_subscriptions", rows, lambda it: render.subscription(it, world.now()))
    return answer(200, shown)


def create(caller: Caller) -> Answer:
    world = caller.world
    made = subscribe(world, _part(caller.body))
    secret = made.secrets[0] if world.switches.secret_in_create_answer else None
    return _shown(caller, made, world.switches.post_status, secret)


def show(caller: Caller) -> Answer:
    return _shown(caller, _find(caller))


def update(caller: Caller) -> Answer:
    """delivery_method is ignored: to change the address, make a new subscription."""
    it, data = _find(caller), _part(caller.body)
    chosen = checked_filter(caller.world, data["filter"]) if "filter" in data else (it.filter_type, it.filter_id)
    events = checked_events(data["events"]) if "events" in data else it.events
    it.filter_type, it.filter_id = chosen
    it.events = events
    it.description = str(data.get("description", it.description) or "")
    it.active = bool(data.get("active", it.active))
    caller.world.revision += 1
    return _shown(caller, it)


def delete(caller: Caller) -> Answer:
    del caller.world.account.subscriptions[_find(caller).id]
    caller.world.revision += 1
    return answer(204)


def enable(caller: Caller) -> Answer:
    it = _find(caller)
    it.disabled_until, it.dropped_in_a_row = None, 0
    caller.world.revision += 1
    return _shown(caller, it)


def ping(caller: Caller, pings: Pings) -> Answer:
    pings.ping(_find(caller))
    return answer(202)


def _part(body: Json) -> Json:
    part = body.get("webhook_subscription")
    if not isinstance(part, dict):
        raise Refused(400, 2003, "Webhook subscription must be an object")
    return part


def _find(caller: Caller) -> Subscription:
    found = caller.world.account.subscriptions.get(caller.path["id"])
    if found is None:
        raise not_found()
    return found


def _shown(caller: Caller, it: Subscription, status: int = 200, secret: str | None = None) -> Answer:
    return answer(status, {"webhook_subscription": render.subscription(it, caller.world.now(), secret=secret)})
