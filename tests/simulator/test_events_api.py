"""The simulated Events API: what it takes, what it refuses, and what it drops in silence."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from starlette.testclient import TestClient

from syncd.simulator import KEYS, Simulator, simulator
from syncd.simulator.asked import Json


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with simulator(seed=2) as made:
        yield made


def send(sim: Simulator, action: str = "trigger", **changes: object) -> httpx.Response:
    payload = {"summary": "Disk full", "source": "db-1", "severity": "critical"}
    event: Json = {"routing_key": KEYS.checkout, "event_action": action, "dedup_key": "disk"}
    if action == "trigger":
        event["payload"] = payload
    client = httpx.Client(transport=sim.transport(), base_url="https://events.pagerduty.com")
    return client.post("/v2/enqueue", json={**event, **changes})


def statuses(sim: Simulator) -> list[str]:
    return [one.status for one in sim.account.incidents.values()]


def test_one_open_alert_for_each_dedup_key(sim: Simulator) -> None:
    assert send(sim).status_code == 202
    assert send(sim).json() == {"status": "success", "message": "Event processed", "dedup_key": "disk"}
    assert statuses(sim) == ["triggered"]
    send(sim, "acknowledge")
    send(sim, "resolve")
    assert statuses(sim) == ["resolved"]
    send(sim)
    assert statuses(sim) == ["resolved", "triggered"]


def test_what_is_about_no_open_alert_is_dropped_in_silence(sim: Simulator) -> None:
    assert send(sim, "resolve").status_code == 202
    send(sim)
    assert send(sim, "resolve", routing_key=KEYS.payments).status_code == 202
    assert statuses(sim) == ["triggered"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"routing_key": KEYS.full}, "should be 32 characters"),
        ({"event_action": "open"}, "event_action"),
        ({"dedup_key": "x" * 256}, "dedup_key"),
        ({"payload": {"summary": "s", "source": "s", "severity": "awful"}}, "payload.severity"),
        ({"payload": {"summary": "", "source": "s", "severity": "info"}}, "payload.summary"),
        ({"payload": {"summary": "s" * 1025, "source": "s", "severity": "info"}}, "payload.summary"),
        ({"payload": None}, "payload"),
    ],
)
def test_an_event_that_is_none_is_refused_with_its_faults(sim: Simulator, changes: Json, says: str) -> None:
    refused = send(sim, **changes)
    assert (refused.status_code, refused.json()["status"]) == (400, "invalid event")
    assert says in refused.json()["errors"][0]
    assert statuses(sim) == []


def test_a_key_that_nobody_has_is_refused_or_dropped(sim: Simulator) -> None:
    assert send(sim, routing_key="x" * 32).json()["message"] == "Invalid routing key"
    sim.switches.unknown_routing_key = "drop"
    assert send(sim, routing_key="x" * 32).status_code == 202
    assert statuses(sim) == []


def test_each_key_has_a_limit_of_its_own(sim: Simulator) -> None:
    sim.switches.events_per_minute = 1
    assert [send(sim).status_code, send(sim).status_code] == [202, 429]
    assert send(sim, routing_key=KEYS.payments).status_code == 202


def test_people_see_whose_alert_it_is(sim: Simulator) -> None:
    send(sim)
    (incident,) = sim.account.incidents
    headers = {"Accept": "text/html"}
    shown = TestClient(sim.app).get(f"/incidents/{incident}", headers=headers).text
    assert "<dt>severity</dt><dd>critical</dd>" in shown
    assert "<dt>dedup key</dt><dd>disk</dd>" in shown
