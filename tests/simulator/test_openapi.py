"""The simulator's answers beside PagerDuty's own OpenAPI file, loosened. Left out, saying so, without the file."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from syncd.simulator import BOT_EMAIL, Simulator
from tests.simulator.published import ACCEPT, Published, published
from tests.simulator.receiver import Receiver


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return published(tmp_path_factory.mktemp("openapi"))


@pytest.fixture
def judged(sim: Simulator, judge: Published) -> Iterator[httpx.Client]:
    """A client whose every exchange is checked."""

    def check(response: httpx.Response) -> None:
        response.read()
        assert judge.complaints(response) == []

    headers = {
        "Authorization": f"Token token={sim.keys.full}",
        "From": BOT_EMAIL,
        "Accept": ACCEPT,
        "Content-Type": "application/json",
    }
    with httpx.Client(
        transport=sim.transport(),
        base_url="https://api.pagerduty.com",
        headers=headers,
        event_hooks={"response": [check]},
    ) as made:
        yield made


def test_the_judge_refuses_what_is_wrong(sim: Simulator, judge: Published, rest: httpx.Client) -> None:
    service = {"id": next(iter(sim.account.services)), "type": "service_reference"}
    nameless = {"Authorization": f"Token token={sim.keys.full}", "Content-Type": "application/json", "Accept": ACCEPT}
    with httpx.Client(transport=sim.transport(), base_url="https://api.pagerduty.com", headers=nameless) as client:
        answer = client.post("/incidents", json={"incident": {"type": "incident", "title": "A", "service": service}})
        wrong = client.put("/incidents/Q1", json={"incident": {"type": "incident_reference", "status": "closed"}})
    assert any("From" in each for each in judge.complaints(answer))
    assert any("closed" in each for each in judge.complaints(wrong))
    made = rest.post("/incidents", json={"incident": {"type": "incident", "title": "A", "service": service}})
    broken = httpx.Response(201, json={"incident": {**made.json()["incident"], "status": 7}}, request=made.request)
    assert any(each.partition(": ")[2].startswith("answer") for each in judge.complaints(broken))


def test_an_incidents_whole_life(sim: Simulator, judged: httpx.Client) -> None:
    service = judged.get("/services?limit=1").json()["services"][0]
    priorities = judged.get("/priorities").json()["priorities"]
    body = {"type": "incident_body", "details": "See the case"}
    opening = {
        "type": "incident",
        "title": "Checkout is slow",
        "service": {"id": service["id"], "type": "service_reference"},
        "priority": {"id": priorities[0]["id"], "type": "priority_reference"},
        "incident_key": "case-1",
        "body": body,
    }
    incident = judged.post("/incidents", json={"incident": opening}).json()["incident"]
    at = f"/incidents/{incident['id']}"
    for fields in (
        {"status": "acknowledged"},
        {"priority": {"id": priorities[1]["id"], "type": "priority_reference"}},
        {"urgency": "low", "title": "Checkout is down"},
        {"status": "resolved", "resolution": "Rolled back"},
        {"status": "triggered"},
    ):
        judged.put(at, json={"incident": {"type": "incident_reference", **fields}})
    judged.get(at)
    note = judged.post(f"{at}/notes", json={"note": {"content": "Looking"}}).json()["note"]
    judged.put(f"{at}/notes/{note['id']}", json={"note": {"content": "Found"}})
    judged.get(f"{at}/notes")
    judged.delete(f"{at}/notes/{note['id']}")
    judged.put(at, json={"incident": {"type": "incident_reference", "status": "acknowledged"}})
    judged.post(f"{at}/snooze", json={"duration": 60})
    entries = judged.get(f"{at}/log_entries").json()["log_entries"]
    judged.get(f"/log_entries/{entries[0]['id']}")
    judged.get(f"{at}/alerts")
    judged.post(f"{at}/status_updates", json={"message": "We are on it"})
    other = sim.people.open("The same", "Ana Lima")
    judged.put(f"{at}/merge", json={"source_incidents": [{"id": other.id, "type": "incident_reference"}]})
    judged.get(f"/incidents/{other.id}")
    part = {"id": incident["id"], "type": "incident_reference", "status": "resolved"}
    judged.put("/incidents", json={"incidents": [part]})
    listed = judged.get("/incidents?statuses[]=resolved&incident_key=case-1&date_range=all&sort_by=created_at:desc")
    assert [it["id"] for it in listed.json()["incidents"]] == [incident["id"]]


def test_the_accounts_log(sim: Simulator, judged: httpx.Client) -> None:
    # The file forgets field changes in this list, and shows them in an incident's: none happens here.
    incident = sim.people.open("Checkout is slow", "Ana Lima")
    sim.people.acknowledge(incident.id, "Ana Lima")
    sim.people.unacknowledge(incident.id)
    sim.people.resolve(incident.id, "Ana Lima", "Rolled back")
    assert judged.get("/log_entries?total=true").json()["total"] == 5


def test_the_directory(sim: Simulator, judged: httpx.Client) -> None:
    for path in ("/services", "/users", "/escalation_policies", "/priorities", "/abilities"):
        assert judged.get(path).is_success
    judged.get(f"/services/{next(iter(sim.account.services))}")
    judged.get(f"/users/{sim.people.who('Ana Lima').id}")
    judged.get(f"/escalation_policies/{next(iter(sim.account.policies))}")
    judged.get("/users/me", headers={"Authorization": f"Token token={sim.keys.user}"})


def test_subscriptions(sim: Simulator, judged: httpx.Client, receiver: Receiver) -> None:
    wanted = {
        "type": "webhook_subscription",
        "delivery_method": {"type": "http_delivery_method", "url": receiver.url, "custom_headers": []},
        "events": ["incident.triggered"],
        "filter": {"type": "account_reference"},
        "description": "syncd",
    }
    made = judged.post("/webhook_subscriptions", json={"webhook_subscription": wanted}).json()["webhook_subscription"]
    at = f"/webhook_subscriptions/{made['id']}"
    judged.get("/webhook_subscriptions?filter_type=account")
    judged.get(at)
    judged.put(at, json={"webhook_subscription": {**wanted, "events": ["incident.resolved"]}})
    judged.post(f"{at}/enable")
    judged.post(f"{at}/ping")
    judged.delete(at)


def test_refusals_have_the_normal_shape(sim: Simulator, judged: httpx.Client) -> None:
    refused = judged.get("/incidents/QNOTHING")
    assert set(refused.json()["error"]) == {"message", "code", "errors"}
