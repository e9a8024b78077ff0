"""Webhooks reach a real receiver on loopback: what they say, how they are signed, retried, ordered, dropped, disabled."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.simulator import Simulator, serve, simulator
from syncd.simulator.account import Incident, Subscription
from syncd.simulator.asked import Json
from tests.simulator.receiver import Got, Receiver

REF = {"id", "type", "self", "html_url", "summary"}


def is_signed(got: Got, *secrets: str) -> bool:
    expected = {f"v1={hmac.new(s.encode(), got.body, hashlib.sha256).hexdigest()}" for s in secrets}
    return set(got.headers["x-pagerduty-signature"].split(",")) == expected


def outcomes(sim: Simulator) -> list[str]:
    assert sim.courier.wait_idle()
    return [it.outcome for it in sim.journal.deliveries]


def test_the_headers_and_the_signature(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    (got,) = receiver.wait_for(1)
    assert got.headers["content-type"] == "application/json"
    assert got.headers["user-agent"] == "PagerDuty-Webhook/V3.0"
    assert got.headers["x-webhook-subscription"] == subscribed.id
    assert is_signed(got, *subscribed.secrets)
    assert got.event["event_type"] == "incident.triggered"
    assert got.event["occurred_at"] == "2026-03-01T12:00:00.123Z"
    assert got.event["resource_type"] == "incident"
    assert set(got.event["agent"]) == REF
    assert got.event["agent"]["summary"] == "Ana Lima"
    assert got.event["client"] is None


def test_every_active_secret_signs(sim: Simulator, receiver: Receiver, subscribed: Subscription) -> None:
    old = subscribed.secrets[0]
    new = sim.people.add_secret(subscribed.id)
    sim.people.open("Rotating", "Ana Lima")
    assert is_signed(receiver.wait_for(1)[0], old, new)
    sim.people.drop_secret(subscribed.id, old)
    sim.people.open("Rotated", "Ana Lima")
    assert is_signed(receiver.wait_for(2)[1], new)


def test_a_forged_webhook_is_signed_by_nobody_and_its_refusal_is_not_pagerdutys(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    receiver.wait_for(1)
    receiver.answers.extend([401] * sim.carriage.disable_after)
    for _ in range(sim.carriage.disable_after):
        sim.people.happen("incident.resolved", opened.id, "Ben Osei", is_forged=True)
    assert sim.courier.wait_idle()
    sim.people.note(opened.id, "A true one", "Ben Osei")
    forged = [got for got in receiver.wait_for(5) if got.event["event_type"] == "incident.resolved"]
    assert [is_signed(got, *subscribed.secrets) for got in forged] == [False] * 3
    assert (opened.status, subscribed.active, subscribed.disabled_until) == ("triggered", True, None)


def test_a_life_of_an_incident_in_webhooks(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, rest: httpx.Client, opened: Incident
) -> None:
    people, incident = sim.people, opened.id
    people.acknowledge(incident, "Ben Osei")
    people.priority(incident, "P2", "Ben Osei")
    people.unacknowledge(incident)
    people.note(incident, "Looking", "Chidi Park")
    people.resolve(incident, "Chidi Park", "Rolled back")
    people.reopen(incident, "Ana Lima")
    got = receiver.wait_for(8)
    assert receiver.event_types() == [
        "incident.triggered",
        "incident.acknowledged",
        "incident.priority_updated",
        "incident.unacknowledged",
        "incident.annotated",
        "incident.resolved",
        "incident.annotated",
        "incident.reopened",
    ]
    data = [each.event["data"] for each in got]
    assert [d.get("status") for d in data] == [
        "triggered",
        "acknowledged",
        "acknowledged",
        "triggered",
        None,
        "resolved",
        None,
        "triggered",
    ]
    assert data[2]["priority"]["summary"] == "P2"
    assert got[3].event["agent"] is None
    assert (data[4]["content"], data[4]["incident"]["id"]) == ("Looking", incident)
    assert data[5]["assignees"] == []
    assert data[6]["content"] == "Resolution Note: Rolled back"
    assert data[7]["reopened_at"] == "2026-03-01T12:00:00Z"
    notes = rest.get(f"/incidents/{incident}/notes").json()["notes"]
    assert [n["id"] for n in notes] == [data[4]["id"], data[6]["id"]]


def test_a_resolution_note_may_come_first(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    sim.switches.resolution_note_first = True
    sim.people.resolve(opened.id, "Ana Lima", "Rolled back")
    receiver.wait_for(3)
    assert receiver.event_types()[1:] == ["incident.annotated", "incident.resolved"]


def test_note_ids_may_differ_and_long_notes_are_trimmed(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    sim.switches.note_ids_match, sim.switches.trim_notes_at = False, 5
    note = sim.people.note(opened.id, "Looking", "Ana Lima")
    data = receiver.wait_for(2)[1].event["data"]
    assert (data["content"], data["trimmed"]) == ("Looki", True)
    assert data["id"] != note.id
    sim.people.note(opened.id, "Short", "Ana Lima")
    assert receiver.wait_for(3)[2].event["data"]["trimmed"] is False


def test_a_merge_is_told_as_a_resolve_with_a_reason(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    source = sim.people.open("The same", "Ana Lima")
    sim.people.merge(source.id, opened.id, "Ben Osei")
    # Of one incident webhooks keep their order; between two incidents they do not.
    (event,) = [got.event for got in receiver.wait_for(3) if got.event["event_type"] == "incident.resolved"]
    assert (event["data"]["id"], event["agent"]["summary"]) == (source.id, "Ben Osei")
    assert event["data"]["resolve_reason"]["type"] == "merge_resolve_reason"
    assert event["data"]["resolve_reason"]["incident"]["id"] == opened.id


def test_incidents_from_the_events_api_show_no_key(
    sim: Simulator, receiver: Receiver, subscribed: Subscription
) -> None:
    sim.people.open("From a monitor", incident_key="alert-1", from_events=True)
    assert receiver.wait_for(1)[0].event["data"]["incident_key"] is None


def test_title_and_note_edits_are_not_told(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    note = sim.people.note(opened.id, "Looking", "Ana Lima")
    sim.people.title(opened.id, "Checkout is down", "Ana Lima")
    sim.people.edit_note(opened.id, note.id, "Found", "Ana Lima")
    sim.people.delete_note(opened.id, note.id, "Ana Lima")
    sim.people.resolve(opened.id, "Ana Lima")
    receiver.wait_for(3)
    assert receiver.event_types() == ["incident.triggered", "incident.annotated", "incident.resolved"]


def test_any_event_can_be_sent_without_anything_happening(
    sim: Simulator, receiver: Receiver, rest: httpx.Client, opened: Incident
) -> None:
    sim.people.subscribe(receiver.url, event_types=("incident.dreamt", "incident.responder.added", "service.updated"))
    before = sim.world.revision
    sim.people.happen("incident.dreamt", opened.id, data={"type": "incident_dream", "depth": 7})
    sim.people.happen("incident.responder.added", opened.id, "Ben Osei")
    sim.people.happen("service.updated", opened.id)
    got = receiver.wait_for(3)
    assert [each.event["data"]["type"] for each in got] == ["incident_dream", "incident_responder", "service"]
    assert got[2].event["resource_type"] == "service"
    assert sim.world.revision == before


def test_subscriptions_choose_service_and_event_types(sim: Simulator, receiver: Receiver) -> None:
    first, second = sim.account.services
    chosen = sim.people.subscribe(receiver.url, service=first, event_types=("incident.triggered", "incident.resolved"))
    other = sim.people.open("Elsewhere", "Ana Lima", service=second)
    mine = sim.people.open("Here", "Ana Lima", service=first)
    sim.people.acknowledge(mine.id, "Ana Lima")
    sim.people.resolve(mine.id, "Ana Lima")
    sim.people.resolve(other.id, "Ana Lima")
    got = receiver.wait_for(2)
    assert sim.courier.wait_idle()
    assert [each.event["event_type"] for each in got] == ["incident.triggered", "incident.resolved"]
    assert {each.headers["x-webhook-subscription"] for each in got} == {chosen.id}


def test_two_subscriptions_tell_one_event_under_two_webhook_ids(
    sim: Simulator, receiver: Receiver, subscribed: Subscription
) -> None:
    sim.people.subscribe(receiver.url, service=next(iter(sim.account.services)))
    sim.people.open("Twice", "Ana Lima")
    one, two = receiver.wait_for(2)
    assert one.event["id"] == two.event["id"]
    assert one.headers["x-webhook-id"] != two.headers["x-webhook-id"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failed_try_is_repeated_under_the_same_id(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident, status: int
) -> None:
    receiver.wait_for(1)
    receiver.answers.extend([status, status])
    sim.people.acknowledge(opened.id, "Ana Lima")
    got = receiver.wait_for(4)[1:]
    assert len({each.headers["x-webhook-id"] for each in got}) == 1
    assert len({each.body for each in got}) == 1
    assert outcomes(sim) == ["delivered", "retrying", "retrying", "delivered"]


def test_a_slow_answer_is_repeated(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    receiver.wait_for(1)
    sim.carriage.timeout_s, receiver.stalls = 0.05, 1
    sim.people.acknowledge(opened.id, "Ana Lima")
    receiver.wait_for(3)
    assert outcomes(sim)[1:] == ["retrying", "delivered"]
    assert sim.journal.deliveries[1].error == "timeout"


def test_a_refused_connection_is_repeated(sim: Simulator) -> None:
    sim.carriage.give_up_s = 0.05
    sim.people.subscribe("http://127.0.0.1:1/nobody")
    sim.people.open("Into the void", "Ana Lima")
    told = outcomes(sim)
    assert (told[0], told[-1]) == ("retrying", "dropped")
    assert sim.journal.deliveries[0].error == "ConnectError"


def test_webhooks_travel_over_tls_to_receivers_they_trust(certificate: tuple[Path, Path]) -> None:
    public, private = certificate
    receiver = Receiver()
    trusting = ssl.create_default_context(cafile=str(public))
    with serve(receiver, certificate=public, key=private) as url:
        with simulator(verify=trusting) as sim:
            sim.people.subscribe(url)
            sim.people.open("Trusted", "Ana Lima")
            receiver.wait_for(1)
            assert outcomes(sim) == ["delivered"]
        with simulator() as sim:
            sim.carriage.retry_s, sim.carriage.give_up_s = (0.01,), 0.0
            sim.people.subscribe(url)
            sim.people.open("Not trusted", "Ana Lima")
            assert outcomes(sim) == ["dropped"]
    assert [each.event["data"]["title"] for each in receiver.got] == ["Trusted"]


def test_an_address_that_is_none_stops_nobody_else(sim: Simulator, receiver: Receiver) -> None:
    sim.carriage.give_up_s = 0.0
    sim.people.subscribe("http://127.0.0.1:port/")
    sim.people.subscribe(receiver.url)
    sim.people.open("Told to one", "Ana Lima")
    receiver.wait_for(1)
    assert sorted(outcomes(sim)) == ["delivered", "dropped"]


def test_later_webhooks_wait_behind_one_that_is_retried_but_other_incidents_do_not(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    receiver.wait_for(1)
    sim.carriage.retry_s = (0.3,)
    receiver.answers.append(503)
    sim.people.acknowledge(opened.id, "Ana Lima")
    receiver.wait_for(2)
    sim.people.resolve(opened.id, "Ana Lima")
    other = sim.people.open("Another", "Ana Lima")
    got = receiver.wait_for(5)
    assert got[2].event["data"]["id"] == other.id
    assert [each.event["event_type"] for each in got[3:]] == ["incident.acknowledged", "incident.resolved"]
    assert sim.courier.wait_idle()
    tries = [it.attempt for it in sim.journal.deliveries if it.resource == opened.id]
    assert tries == [1, 1, 2, 1]


def test_three_drops_in_a_row_disable_the_subscription_for_a_day(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, clock: StoppedClock, rest: httpx.Client
) -> None:
    def is_disabled() -> bool:
        shown: Json = rest.get(f"/webhook_subscriptions/{subscribed.id}").json()["webhook_subscription"]
        value: bool = shown["delivery_method"]["temporarily_disabled"]
        return value

    receiver.answers.extend([404, 404, 202, 401, 403])
    for number in range(5):
        sim.people.open(f"Dropped {number}", "Ana Lima")
        assert sim.courier.wait_idle()
    assert not is_disabled()
    receiver.answers.append(400)
    sim.people.open("The third in a row", "Ana Lima")
    assert sim.courier.wait_idle()
    assert is_disabled()
    sim.people.open("Never told", "Ana Lima")
    clock.forward(timedelta(hours=24))
    assert not is_disabled()
    sim.people.open("Told again", "Ana Lima")
    assert receiver.wait_for(7)[6].event["data"]["title"] == "Told again"
    assert len(receiver.got) == 7


def test_disabling_loses_what_is_queued_and_enabling_does_not_bring_it_back(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, rest: httpx.Client
) -> None:
    sim.carriage.hold = True
    for number in range(4):
        sim.people.open(f"Held {number}", "Ana Lima")
    receiver.status = 400
    sim.carriage.hold = False
    sim.carriage.disable_after = 1
    assert sim.courier.release("reversed") == 4  # one queue for all, so that the first drop precedes the rest
    assert outcomes(sim)[4:] == ["dropped", "gone", "gone", "gone"]
    receiver.status = 202
    enabled = rest.post(f"/webhook_subscriptions/{subscribed.id}/enable").json()["webhook_subscription"]
    assert enabled["delivery_method"]["temporarily_disabled"] is False
    sim.people.open("Told", "Ana Lima")
    assert receiver.wait_for(2)[1].event["data"]["title"] == "Told"


def test_webhooks_can_be_repeated(sim: Simulator, receiver: Receiver, subscribed: Subscription) -> None:
    sim.carriage.copies = 3
    sim.people.open("Thrice", "Ana Lima")
    got = receiver.wait_for(3)
    assert len({each.headers["x-webhook-id"] for each in got}) == 1


def test_webhooks_can_be_lost(sim: Simulator, receiver: Receiver, subscribed: Subscription) -> None:
    sim.carriage.drop_next = 1
    sim.people.open("Lost", "Ana Lima")
    sim.people.open("Found", "Ana Lima")
    assert receiver.wait_for(1)[0].event["data"]["title"] == "Found"
    assert outcomes(sim) == ["lost", "delivered"]
    sim.carriage.drop_percent = 100
    sim.people.open("Lost too", "Ana Lima")
    assert outcomes(sim)[-1] == "lost"


def test_webhooks_can_be_held_released_in_another_order_and_taken(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    receiver.wait_for(1)
    sim.carriage.hold = True
    sim.people.acknowledge(opened.id, "Ana Lima")
    sim.people.resolve(opened.id, "Ana Lima")
    assert sim.courier.held() == 2
    sim.carriage.hold = False
    assert sim.courier.release("reversed") == 2
    receiver.wait_for(3)
    assert receiver.event_types()[1:] == ["incident.resolved", "incident.acknowledged"]
    sim.carriage.hold = True
    sim.people.reopen(opened.id, "Ana Lima")
    (parcel,) = sim.courier.take()
    headers = sim.webhooks.seal(parcel, sim.world.now(), wrongly=False)
    carried = Got({name.lower(): value for name, value in headers.items()}, parcel.body)
    assert is_signed(carried, *subscribed.secrets)
    assert sim.courier.release() == 0


def test_reordered_webhooks_all_arrive(sim: Simulator, receiver: Receiver, subscribed: Subscription) -> None:
    sim.carriage.reorder_s = 0.3
    incident = sim.people.open("Shuffled", "Ana Lima")
    for number in range(9):
        sim.people.note(incident.id, f"Note {number}", "Ana Lima")
    receiver.wait_for(10)
    said = [each.event["data"].get("content") for each in receiver.got]
    in_order = [None, *(f"Note {number}" for number in range(9))]
    assert said != in_order
    assert sorted(map(str, said)) == sorted(map(str, in_order))


def test_webhooks_can_be_signed_wrongly(
    sim: Simulator, receiver: Receiver, subscribed: Subscription, opened: Incident
) -> None:
    receiver.wait_for(1)
    sim.carriage.sign_wrongly_next = 1
    receiver.answers.append(500)
    sim.people.acknowledge(opened.id, "Ana Lima")
    wrong, right = receiver.wait_for(3)[1:]
    assert not is_signed(wrong, *subscribed.secrets)
    assert is_signed(right, *subscribed.secrets)


def test_a_closed_simulator_leaves_no_thread_behind(sim: Simulator, receiver: Receiver) -> None:
    sim.carriage.retry_s = (3600.0,)
    receiver.status = 503
    sim.people.subscribe(receiver.url)
    sim.people.open("Never delivered", "Ana Lima")
    receiver.wait_for(1)
    sim.close()
    assert not sim.courier.is_running
