"""The control API under /_sim/, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from syncd.simulator import BOT_EMAIL, Simulator, serve
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json
from syncd.simulator.oncall import on_call
from tests.simulator.receiver import Receiver


@pytest.fixture
def control(sim: Simulator) -> Iterator[httpx.Client]:
    with serve(sim.app) as base, httpx.Client(base_url=base, trust_env=False) as made:
        yield made


def test_people_act(control: httpx.Client, sim: Simulator) -> None:
    made = control.post("/_sim/incidents", json={"title": "Slow", "by": "Ana Lima", "incident_key": "case-1"})
    assert made.status_code == 201
    incident = made.json()["incident"]["id"]

    def act(verb: str, **body: object) -> Json:
        answer = control.post(f"/_sim/incidents/{incident}/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        value: Json = answer.json()
        return value

    assert act("acknowledge", by="Ben Osei")["incident"]["status"] == "acknowledged"
    assert act("unacknowledge")["incident"]["status"] == "triggered"
    assert act("priority", by="Ben Osei", priority="P1")["incident"]["priority"]["name"] == "P1"
    assert act("title", by="Ben Osei", title="Down")["incident"]["title"] == "Down"
    assert act("urgency", urgency="low")["incident"]["urgency"] == "low"
    note = act("note", by="Chidi Park", text="Looking")["note"]
    assert note["user"]["summary"] == "Chidi Park"
    assert act("edit-note", note_id=note["id"], text="Found")["note"]["content"] == "Found"
    act("delete-note", note_id=note["id"])
    act("event", event_type="incident.dreamt", data={"type": "dream"})
    assert act("resolve", by="Ana Lima", resolution_note="Rolled back")["incident"]["status"] == "resolved"
    assert act("reopen", by="Ana Lima")["incident"]["status"] == "triggered"
    other = sim.people.open("Another", "Ana Lima")
    act("merge", into=other.id, by="Ana Lima")
    state = control.get("/_sim/state").json()
    (merged, _) = state["incidents"]
    assert merged["resolve_reason"]["incident"]["id"] == other.id
    assert [n["content"] for n in merged["notes"]] == ["Resolution Note: Rolled back"]
    assert state["revision"] == sim.world.revision


def test_what_people_see_of_an_incident_is_not_what_becomes_of_requests(control: httpx.Client, sim: Simulator) -> None:
    incident = sim.people.open("Slow", "Ana Lima").id
    sim.people.note(incident, "Looking", "Ben Osei")
    control.post("/_sim/faults", json={"status": 503, "count": 0})
    control.post(f"/_sim/keys/{sim.keys.full}/revoke")
    seen = control.get(f"/_sim/incidents/{incident}").json()["incident"]
    assert (seen["status"], [one["content"] for one in seen["notes"]]) == ("triggered", ["Looking"])
    assert control.get(f"/_sim/keys/{sim.keys.full}").json() == {"key": {"kind": "full", "revoked": True}}
    assert control.get("/_sim/incidents/nothing").status_code == 404
    assert control.get("/_sim/keys/nothing").status_code == 404


def test_switches_are_read_and_changed_all_or_none(control: httpx.Client, sim: Simulator) -> None:
    assert control.get("/_sim/switches").json()["reopens"] is True
    changed = control.patch("/_sim/switches", json={"reopens": False, "copies": 2, "retry_s": [0.5], "delay_s": 1})
    assert changed.json()["retry_s"] == [0.5]
    assert (sim.switches.reopens, sim.carriage.copies, sim.carriage.delay_s) == (False, 2, 1.0)
    wrongs: tuple[Json, ...] = (
        {"reopens": True, "nonsense": 1},
        {"reopens": True, "copies": "many"},
        {"reopens": 1},
        {"retry_s": []},
    )
    for wrong in wrongs:
        refused = control.patch("/_sim/switches", json=wrong)
        assert (refused.status_code, "switch" in refused.json()["error"]) == (400, True)
    assert sim.switches.reopens is False


def test_faults_are_laid_listed_and_cleared(control: httpx.Client, sim: Simulator) -> None:
    laid = control.post("/_sim/faults", json={"status": 500, "methods": ["GET"], "count": 3})
    assert laid.status_code == 201
    key = {"Authorization": f"Token token={sim.keys.full}"}
    assert control.get("/abilities", headers=key).status_code == 500
    (standing,) = control.get("/_sim/faults").json()["faults"]
    assert (standing["count"], standing["met"]) == (3, 1)
    assert control.delete("/_sim/faults").status_code == 204
    assert control.get("/abilities", headers=key).status_code == 200
    assert control.post("/_sim/faults", json={"colour": "red"}).status_code == 400
    assert control.post("/_sim/faults", content=b"[]").status_code == 400


def test_the_journals_are_read_and_cleared(control: httpx.Client, sim: Simulator, receiver: Receiver) -> None:
    made = control.post("/_sim/subscriptions", json={"url": receiver.url, "events": ["incident.triggered"]})
    assert set(made.json()) == {"id", "secret"}
    sim.people.open("Told", "Ana Lima")
    receiver.wait_for(1)
    assert sim.courier.wait_idle()
    control.get("/abilities", headers={"X-Request-Id": "ours-1"})
    (request,) = control.get("/_sim/requests").json()["requests"]
    assert (request["target"], request["status"], request["caller_id"]) == ("/abilities", 401, "ours-1")
    (webhook,) = control.get("/_sim/webhooks").json()["webhooks"]
    assert (webhook["outcome"], webhook["subscription"]) == ("delivered", made.json()["id"])
    assert control.delete("/_sim/journal").status_code == 204
    assert control.get("/_sim/requests").json()["requests"] == []


def test_held_webhooks_are_released(control: httpx.Client, sim: Simulator, receiver: Receiver) -> None:
    sim.people.subscribe(receiver.url)
    control.patch("/_sim/switches", json={"hold": True})
    sim.people.open("Held", "Ana Lima")
    assert control.get("/_sim/webhooks").json()["held"] == 1
    assert control.post("/_sim/release", json={"order": "sideways"}).status_code == 400
    assert control.post("/_sim/release").json() == {"released": 1}
    receiver.wait_for(1)


def test_keys_users_services_and_secrets(control: httpx.Client, sim: Simulator, receiver: Receiver) -> None:
    key = {"Authorization": f"Token token={sim.keys.full}"}
    assert control.post(f"/_sim/keys/{sim.keys.full}/revoke").status_code == 200
    assert control.get("/abilities", headers=key).status_code == 401
    control.post(f"/_sim/keys/{sim.keys.full}/restore")
    assert control.get("/abilities", headers=key).status_code == 200
    assert control.post(f"/_sim/users/{BOT_EMAIL}/deactivate").status_code == 200
    assert control.post("/_sim/users/Ana Lima/role", json={"role": "observer"}).json()["user"]["role"] == "observer"
    service = next(iter(sim.account.services))
    control.post(f"/_sim/services/{service}/oncall", json={"users": []})
    assert on_call(sim.world, service) == ()
    made = sim.people.subscribe(receiver.url)
    added = control.post(f"/_sim/subscriptions/{made.id}/secrets").json()["secret"]
    assert made.secrets[1] == added


def test_what_is_not_there_is_said(control: httpx.Client, opened: Incident) -> None:
    assert control.post("/_sim/incidents/Q1/acknowledge", json={}).status_code == 404
    assert control.post(f"/_sim/incidents/{opened.id}/acknowledge", json={"by": "Nobody"}).status_code == 404
    assert control.post(f"/_sim/incidents/{opened.id}/note", json={}).status_code == 400
    assert control.post("/_sim/keys/wrong/revoke").status_code == 404
    nothing = control.get("/_sim/nothing")
    assert (nothing.status_code, "GET /_sim/switches" in nothing.json()["error"]) == (404, True)
    unnamed = control.post(f"/_sim/incidents/{opened.id}/edit-note", json={"text": "other"}).json()["error"]
    assert unnamed == "The body of this control has to name 'note_id'; `syncd sim --help` shows what each takes."


def test_refusals_of_the_account_reach_people_too(control: httpx.Client, opened: Incident) -> None:
    control.patch("/_sim/switches", json={"reopens": False})
    control.post(f"/_sim/incidents/{opened.id}/resolve", json={"by": "Ana Lima"})
    refused = control.post(f"/_sim/incidents/{opened.id}/reopen", json={"by": "Ana Lima"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 2001)


@pytest.mark.parametrize("host", ["evil.example", "10.0.0.1", "", "[2001:db8::1]:80"], ids=str)
def test_control_answers_only_under_this_machines_own_names(control: httpx.Client, host: str) -> None:
    assert control.get("/_sim/state", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:9", "127.0.0.1", "[::1]:9"], ids=str)
def test_control_answers_under_every_loopback_name(control: httpx.Client, host: str) -> None:
    assert control.get("/_sim/state", headers={"Host": host}).status_code == 200
