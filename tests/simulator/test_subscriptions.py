"""Webhook subscriptions by REST."""

from __future__ import annotations

import httpx
import pytest

from syncd.simulator import Simulator
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json
from tests.simulator.conftest import client
from tests.simulator.receiver import Receiver


def wanted(url: str, **fields: object) -> Json:
    return {
        "webhook_subscription": {
            "type": "webhook_subscription",
            "delivery_method": {
                "type": "http_delivery_method",
                "url": url,
                "custom_headers": [{"name": "X-Team", "value": "secret-team"}],
            },
            "events": ["incident.triggered"],
            "filter": {"type": "account_reference"},
            "description": "syncd",
            **fields,
        }
    }


def create(rest: httpx.Client, body: Json) -> Json:
    answer = rest.post("/webhook_subscriptions", json=body)
    assert answer.status_code == 201, answer.text
    value: Json = answer.json()["webhook_subscription"]
    return value


def test_the_secret_is_told_once(rest: httpx.Client, receiver: Receiver) -> None:
    made = create(rest, wanted(receiver.url))
    assert len(made["delivery_method"]["secret"]) == 64
    assert made["delivery_method"]["custom_headers"] == [{"name": "X-Team", "value": "-- redacted --"}]
    shown = rest.get(f"/webhook_subscriptions/{made['id']}").json()["webhook_subscription"]
    assert shown["delivery_method"]["secret"] is None


def test_the_secret_may_not_be_told_at_all(sim: Simulator, rest: httpx.Client, receiver: Receiver) -> None:
    sim.switches.secret_in_create_answer, sim.switches.post_status = False, 200
    answer = rest.post("/webhook_subscriptions", json=wanted(receiver.url))
    assert answer.status_code == 200
    assert answer.json()["webhook_subscription"]["delivery_method"]["secret"] is None


def test_custom_headers_travel_in_the_clear(sim: Simulator, rest: httpx.Client, receiver: Receiver) -> None:
    create(rest, wanted(receiver.url))
    sim.people.open("With a header", "Ana Lima")
    assert receiver.wait_for(1)[0].headers["x-team"] == "secret-team"


def test_it_is_listed_changed_except_its_address_and_deleted(
    sim: Simulator, rest: httpx.Client, receiver: Receiver
) -> None:
    service = next(iter(sim.account.services))
    made = create(rest, wanted(receiver.url, filter={"type": "service_reference", "id": service}))
    create(rest, wanted(receiver.url))
    by_service = rest.get(f"/webhook_subscriptions?filter_type=service&filter_id={service}").json()
    assert [s["id"] for s in by_service["webhook_subscriptions"]] == [made["id"]]
    assert len(rest.get("/webhook_subscriptions").json()["webhook_subscriptions"]) == 2
    part = wanted("http://127.0.0.1:1/elsewhere", events=["incident.resolved"], active=False, description="new")
    changed = rest.put(f"/webhook_subscriptions/{made['id']}", json=part).json()["webhook_subscription"]
    assert (changed["events"], changed["active"], changed["description"]) == (["incident.resolved"], False, "new")
    assert changed["delivery_method"]["url"] == receiver.url
    assert rest.delete(f"/webhook_subscriptions/{made['id']}").status_code == 204
    assert rest.get(f"/webhook_subscriptions/{made['id']}").status_code == 404


def test_a_ping_arrives_from_pagey(rest: httpx.Client, receiver: Receiver) -> None:
    made = create(rest, wanted(receiver.url))
    assert rest.post(f"/webhook_subscriptions/{made['id']}/ping").status_code == 202
    event = receiver.wait_for(1)[0].event
    assert (event["event_type"], event["resource_type"], event["data"]["type"]) == ("pagey.ping", "pagey", "ping")


def test_an_inactive_subscription_hears_nothing(
    sim: Simulator, rest: httpx.Client, receiver: Receiver, opened: Incident
) -> None:
    create(rest, wanted(receiver.url, active=False))
    create(rest, wanted(receiver.url, events=["incident.resolved"]))
    sim.people.open("Unheard", "Ana Lima")
    sim.people.resolve(opened.id, "Ana Lima")
    assert receiver.wait_for(1)[0].event["event_type"] == "incident.resolved"


def test_ten_for_one_scope_and_no_more(rest: httpx.Client, receiver: Receiver) -> None:
    for _ in range(10):
        create(rest, wanted(receiver.url))
    refused = rest.post("/webhook_subscriptions", json=wanted(receiver.url))
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 2019)


@pytest.mark.parametrize(
    "fields",
    [
        {"events": []},
        {"events": "incident.triggered"},
        {"filter": {"type": "service_reference", "id": "PNOTHIN"}},
        {"filter": {"type": "service_reference"}},
        {"filter": {"type": "everything"}},
        {"delivery_method": {"type": "http_delivery_method", "url": "ftp://example.com"}},
    ],
    ids=["no events", "events no list", "unknown service", "no service", "unknown filter", "wrong url"],
)
def test_wrong_subscriptions_are_refused(rest: httpx.Client, receiver: Receiver, fields: Json) -> None:
    assert rest.post("/webhook_subscriptions", json=wanted(receiver.url, **fields)).status_code == 400


def test_read_only_keys_see_but_do_not_touch(sim: Simulator, receiver: Receiver) -> None:
    with client(sim, sim.keys.read_only) as reader:
        assert reader.get("/webhook_subscriptions").status_code == 200
        assert reader.post("/webhook_subscriptions", json=wanted(receiver.url)).status_code == 403
