"""The simulated Events API v2: a key for each service, alerts known by their dedup_key, answers before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from syncd.simulator import statuses
from syncd.simulator.asked import Answer, Asked, Json, NotJson, answer
from syncd.simulator.budgets import Budgets
from syncd.simulator.incidents import Opening, open_incident
from syncd.simulator.refusals import Refused
from syncd.simulator.world import World, record

PATH = "/v2/enqueue"
KEY_LENGTH = 32
SEVERITIES = ("critical", "error", "warning", "info")
LONGEST_KEY, LONGEST_SUMMARY, LARGEST = 255, 1024, 512 * 1024


def enqueue(world: World, budgets: Budgets, asked: Asked) -> Answer:
    if asked.method != "POST":
        return _invalid("Only POST is supported")
    if len(asked.body) > LARGEST:
        return answer(413, {"status": "invalid event", "message": "Event object is too large", "errors": []})
    try:
        event = asked.json()
    except NotJson:
        return _invalid("JSON cannot be parsed")
    if faults := _faults(event):
        return _invalid(*faults)
    return _known(world, budgets, event)


def _known(world: World, budgets: Budgets, event: Json) -> Answer:
    key, switches = event["routing_key"], world.switches
    dedup_key = event.get("dedup_key") or world.ids.hexadecimal()
    service_id = world.account.integration_keys.get(key)
    if service_id is None and switches.unknown_routing_key == "refuse":
        return answer(400, {"status": "invalid event", "message": "Invalid routing key", "errors": []})
    if budgets.spend([(f"events:{key}", switches.events_per_minute)], world.now()).is_over:
        return answer(429, {"status": "throttle exceeded", "message": "Too many events arrive for this service"})
    if service_id is not None:
        _later(world, service_id, {**event, "dedup_key": dedup_key})
    return answer(202, {"status": "success", "message": "Event processed", "dedup_key": dedup_key})


def _later(world: World, service_id: str, event: Json) -> None:
    """It is taken first and done afterwards: an answer says nothing about an incident."""
    if not world.switches.events_delay_s:
        _process(world, service_id, event)
        return
    due = world.now() + timedelta(seconds=world.switches.events_delay_s)
    world.later.add(due, lambda: _process(world, service_id, event))


def _process(world: World, service_id: str, event: Json) -> None:
    there = world.account.open_with_key(service_id, event["dedup_key"])
    agent = _agent(world, service_id)
    match event["event_action"]:
        case "trigger" if there is None:
            with suppress(Refused):  # Nobody is on call: nothing tells the sender.
                there = open_incident(world, _opening(service_id, event), agent)
                there.severity = event["payload"]["severity"]
        case "trigger" if there is not None:
            there.severity = event["payload"]["severity"]
            record(world, there, "trigger", agent, channel=_channel(event))
        case "acknowledge" if there is not None and there.status == "triggered":
            statuses.acknowledge(world, there, agent)
        case "resolve" if there is not None:
            statuses.resolve(world, there, agent)
        case _:
            """Dropped in silence: no alert of this key is open."""


def _opening(service_id: str, event: Json) -> Opening:
    payload: Mapping[str, object] = event["payload"]
    details = payload.get("custom_details")
    return Opening(
        title=str(payload["summary"]),
        service_id=service_id,
        incident_key=event["dedup_key"],
        details=str(details) if details else None,
        from_events=True,
    )


def _channel(event: Json) -> Json:
    return {"type": "api", "summary": event["payload"]["summary"], "client_url": event.get("client_url")}


def _agent(world: World, service_id: str) -> Json:
    return {
        "id": f"I{service_id[1:]}",
        "type": "events_api_v2_inbound_integration_reference",
        "summary": "Events API V2",
        "self": None,
        "html_url": f"{world.account.web_url}/services/{service_id}",
    }


def _faults(event: Json) -> list[str]:
    found = []
    key, dedup_key = event.get("routing_key"), event.get("dedup_key")
    if not isinstance(key, str) or len(key) != KEY_LENGTH:
        found.append(f"Length of 'routing_key' is incorrect (should be {KEY_LENGTH} characters)")
    if event.get("event_action") not in {"trigger", "acknowledge", "resolve"}:
        found.append("'event_action' is missing or invalid")
    if dedup_key is not None and (not isinstance(dedup_key, str) or len(dedup_key) > LONGEST_KEY):
        found.append(f"'dedup_key' is longer than {LONGEST_KEY} characters")
    if event.get("event_action") == "trigger":
        return found + _faults_of_payload(event.get("payload"))
    return found if dedup_key else [*found, "'dedup_key' is missing or blank"]


def _faults_of_payload(payload: object) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    found = [f"'payload.{name}' is missing or blank" for name in ("summary", "source") if not payload.get(name)]
    if len(str(payload.get("summary"))) > LONGEST_SUMMARY:
        found.append(f"'payload.summary' is longer than {LONGEST_SUMMARY} characters")
    if payload.get("severity") not in SEVERITIES:
        found.append("'payload.severity' is invalid (must be one of: critical, error, warning, info)")
    return found


def _invalid(*faults: str) -> Answer:
    return answer(400, {"status": "invalid event", "message": "Event object is invalid", "errors": list(faults)})
