"""Opening, reading and changing incidents by REST."""

from __future__ import annotations

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.simulator import Simulator
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json


def service(sim: Simulator) -> Json:
    return {"id": next(iter(sim.account.services)), "type": "service_reference"}


def opening(sim: Simulator, **fields: object) -> Json:
    return {"incident": {"type": "incident", "title": "Checkout is slow", "service": service(sim), **fields}}


def code(answer: httpx.Response) -> int:
    value: int = answer.json()["error"]["code"]
    return value


def test_an_incident_opens_with_everything_it_was_given(sim: Simulator, rest: httpx.Client) -> None:
    body = {"type": "incident_body", "details": "See https://syncd.example/cases/CASE-1"}
    made = rest.post("/incidents", json=opening(sim, incident_key="case-1", body=body, priority="P2", urgency="low"))
    assert made.status_code == 201
    shown = made.json()["incident"]
    assert (shown["status"], shown["incident_key"], shown["incident_number"]) == ("triggered", "case-1", 1)
    assert (shown["priority"]["name"], shown["urgency"]) == ("P2", "low")
    assert shown["body"]["details"] == body["details"]
    assert shown["assignments"][0]["assignee"]["summary"] == "Ana Lima"
    assert rest.get("/incidents/1").json()["incident"]["id"] == shown["id"]


def test_a_key_is_unique_among_open_incidents_of_its_service_only(sim: Simulator, rest: httpx.Client) -> None:
    first = rest.post("/incidents", json=opening(sim, incident_key="case-1")).json()["incident"]
    again = rest.post("/incidents", json=opening(sim, incident_key="case-1"))
    assert (again.status_code, code(again)) == (400, 2002)
    assert again.json()["error"]["errors"] == ["Open incident with matching dedup key already exists on this service"]
    other = {"id": list(sim.account.services)[1], "type": "service_reference"}
    assert rest.post("/incidents", json=opening(sim, incident_key="case-1", service=other)).status_code == 201
    sim.people.resolve(first["id"], "Ana Lima")
    assert rest.post("/incidents", json=opening(sim, incident_key="case-1")).status_code == 201


def test_nobody_on_call_opens_nothing(sim: Simulator, rest: httpx.Client) -> None:
    sim.people.set_on_call(service(sim)["id"], ())
    refused = rest.post("/incidents", json=opening(sim))
    assert (refused.status_code, code(refused)) == (400, 1015)
    assert sim.account.incidents == {}


def test_an_incident_assigned_to_its_requester_is_acknowledged(sim: Simulator, rest: httpx.Client) -> None:
    bot = sim.people.who("syncd bot")
    assignments = [{"assignee": {"id": bot.id, "type": "user_reference"}}]
    made = rest.post("/incidents", json=opening(sim, assignments=assignments)).json()["incident"]
    assert made["status"] == "acknowledged"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": ""}, 2001),
        ({"service": {"id": "PNOTHIN", "type": "service_reference"}}, 2001),
        ({"body": {"type": "incident_body", "details": {"not": "a text"}}}, 2001),
        ({"priority": {"id": "PNOTHIN", "type": "priority_reference"}}, 1020),
        ({"priority": {}}, 2001),
        ({"urgency": "middling"}, 2001),
    ],
    ids=["title", "service", "details", "unknown priority", "empty priority", "urgency"],
)
def test_wrong_fields_are_refused(sim: Simulator, rest: httpx.Client, fields: Json, expected: int) -> None:
    refused = rest.post("/incidents", json=opening(sim, **fields))
    assert (refused.status_code, code(refused)) == (400, expected)


def test_a_body_that_is_no_json_is_refused(rest: httpx.Client) -> None:
    assert rest.post("/incidents", content=b"[1").status_code == 400
    assert rest.post("/incidents", content=b"[1]").status_code == 400


def test_priority_by_id_by_name_and_unknown(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    def put(priority: object) -> httpx.Response:
        return rest.put(f"/incidents/{opened.id}", json={"incident": {"priority": priority}})

    p1 = next(iter(sim.account.priorities))
    assert put({"id": p1, "type": "priority_reference"}).json()["incident"]["priority"]["name"] == "P1"
    assert put("P3").json()["incident"]["priority"]["name"] == "P3"
    assert code(put("P9")) == 1020
    assert put(None).json()["incident"]["priority"]["name"] == "P3"
    sim.switches.null_priority_clears = True
    assert put(None).json()["incident"]["priority"] is None
    sim.switches.has_priorities = False
    assert put("P3").status_code == 402
    assert rest.get("/priorities").status_code == 402


def test_many_incidents_change_together_or_not_at_all(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    other = sim.people.open("Another", "Ben Osei")
    parts = [{"id": opened.id, "status": "acknowledged"}, {"id": other.id, "status": "nonsense"}]
    assert rest.put("/incidents", json={"incidents": parts}).status_code == 400
    assert opened.status == "triggered"
    parts[1]["status"] = "resolved"
    answer = rest.put("/incidents", json={"incidents": parts})
    assert [it["status"] for it in answer.json()["incidents"]] == ["acknowledged", "resolved"]
    too_many = [{"id": opened.id}] * 251
    assert rest.put("/incidents", json={"incidents": too_many}).status_code == 413


def test_fields_nobody_knows_are_ignored(rest: httpx.Client, opened: Incident) -> None:
    answer = rest.put(f"/incidents/{opened.id}", json={"incident": {"statsu": "resolved", "incident_number": 9}})
    assert (answer.status_code, answer.json()["incident"]["incident_number"]) == (200, 1)


def test_other_fields_can_be_changed(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    ben, other = sim.people.who("Ben Osei"), list(sim.account.services)[1]
    bridge = {"conference_number": "+1 555 0100", "conference_url": "https://meet.example/1"}
    part = {
        "title": "Checkout is down",
        "assignments": [{"assignee": {"id": ben.id}}],
        "conference_bridge": bridge,
        "service": {"id": other},
    }
    shown = rest.put(f"/incidents/{opened.id}", json={"incident": part}).json()["incident"]
    assert (shown["title"], shown["conference_bridge"], shown["service"]["id"]) == ("Checkout is down", bridge, other)
    assert shown["assignments"][0]["assignee"]["id"] == ben.id


def test_what_does_not_exist_is_not_found(rest: httpx.Client) -> None:
    for path in ("/incidents/QNOTHING", "/incidents/99", "/services/P1", "/users/P1", "/nothing", "/log_entries/R1"):
        assert (rest.get(path).status_code, code(rest.get(path))) == (404, 2100), path


def test_alerts_are_an_empty_list_and_status_updates_are_accepted(rest: httpx.Client, opened: Incident) -> None:
    assert rest.get(f"/incidents/{opened.id}/alerts").json()["alerts"] == []
    sent = rest.post(f"/incidents/{opened.id}/status_updates", json={"message": "We are on it"})
    assert sent.json()["status_update"]["message"] == "We are on it"


def test_the_details_can_be_rewritten_through_the_first_log_entry(rest: httpx.Client, opened: Incident) -> None:
    first = rest.get(f"/incidents/{opened.id}").json()["incident"]["first_trigger_log_entry"]["id"]
    channel = {"type": "web_trigger", "details": "https://syncd.example/cases/CASE-1"}
    assert rest.put(f"/log_entries/{first}/channel", json={"channel": channel}).status_code == 202
    shown = rest.get(f"/incidents/{opened.id}").json()["incident"]
    assert shown["body"]["details"] == "https://syncd.example/cases/CASE-1"
    assert rest.get(f"/log_entries/{first}").json()["log_entry"]["channel"]["details"] == channel["details"]


def test_time_in_answers_is_the_injected_time(sim: Simulator, rest: httpx.Client, clock: StoppedClock) -> None:
    clock.forward(90)
    made = rest.post("/incidents", json=opening(sim)).json()["incident"]
    assert made["created_at"] == "2026-03-01T12:01:30Z"


def test_an_incident_may_be_opened_for_another_escalation_policy_than_its_services(
    sim: Simulator, rest: httpx.Client
) -> None:
    mine = sim.account.services[service(sim)["id"]].policy_id
    other = next(one for one in sim.account.policies.values() if one.id != mine)
    wanted = {"id": other.id, "type": "escalation_policy_reference"}
    shown = rest.post("/incidents", json=opening(sim, escalation_policy=wanted)).json()["incident"]
    assert shown["escalation_policy"]["id"] == other.id
    assert shown["assignments"][0]["assignee"]["id"] == other.on_call[0]
    unknown = rest.post("/incidents", json=opening(sim, escalation_policy={"id": "PNOWHERE"}))
    assert (unknown.status_code, code(unknown)) == (400, 2001)
    someone = [{"assignee": {"id": other.on_call[0], "type": "user_reference"}}]
    both = rest.post("/incidents", json=opening(sim, escalation_policy=wanted, assignments=someone))
    assert (both.status_code, code(both)) == (400, 2001)
