"""The simulator's answers beside PagerDuty's own OpenAPI file, loosened. Left out, saying so, without the file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import time

import httpx
import pytest

from syncd.simulator import BOT_EMAIL, Simulator
from syncd.simulator.account import ContactMethod, Integration, NotificationRule, SupportHours, Target, Team
from syncd.simulator.schedules import CustomShift, Override, Restriction, ShiftOverride
from tests.simulator.published import ACCEPT, Published, published
from tests.simulator.receiver import Receiver
from tests.simulator.rotas import called, event, layer, layered, people, shifted, utc


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


def test_what_evidence_is_collected_from(sim: Simulator, judged: httpx.Client) -> None:
    """The file knows references where `include[]` has records, and not the schedule that is null where a policy names somebody."""
    ana, ben, chidi = people(sim)
    sim.switches.overrides_status = 201  # as the file has it
    sim.account.teams["PT1"] = Team("PT1", "One", {ana: "manager"})
    made = layered(sim, layer((ana, ben), restrictions=(Restriction(time(8), 36_000), Restriction(time(8), 36_000, 6))))
    made.team_ids = ("PT1",)
    made.overrides.append(Override("O1", chidi, utc("2026-03-01T12:00"), utc("2026-03-02T12:00")))
    called(sim, (Target("PLAYERS", "schedule"),), (Target(chidi),))
    whole = sim.account.users[ana]
    mail, phone = ContactMethod("PM1", "email", "Work", whole.email), ContactMethod("PM2", "phone", "Mobile", "5550100")
    push, rule = ContactMethod("PM3", "push_notification", "Phone", "token"), NotificationRule("PR1", "high", "PM2", 5)
    sim.account.users[ana] = replace(whole, contacts=(mail, phone, push), rules=(rule,))
    service = next(iter(sim.account.services.values()))
    sim.account.services[service.id] = replace(
        service,
        team_ids=("PT1",),
        ack_timeout_s=1800,
        auto_resolve_s=14400,
        integrations=(Integration("PI1", "Events", "key"),),
        support_hours=SupportHours("Europe/Berlin"),
    )
    sim.people.set_role("Ben Osei", "admin")
    window = "since=2026-03-01T00:00:00Z&until=2026-03-08T00:00:00Z"
    for path in (
        "/services?total=true",
        f"/services/{service.id}",
        "/escalation_policies",
        f"/schedules?include[]=schedule_layers&{window}",
        "/schedules?include[]=final_schedule",
        f"/schedules/PLAYERS?{window}&overflow=true",
        "/schedules/PLAYERS",
        f"/schedules/PLAYERS/overrides?{window}",
        f"/schedules/PLAYERS/users?{window}",
        f"/oncalls?{window}&schedule_ids[]=PLAYERS",
        "/users",
        "/teams",
        "/teams/PT1/members",
        "/audit/records",
        "/licenses",
        "/license_allocations",
        "/abilities",
    ):
        assert judged.get(path).is_success, path


def test_shift_based_schedules(sim: Simulator, judged: httpx.Client) -> None:
    ana, ben, chidi = people(sim)
    made = shifted(
        sim, event((ana, None, ben)), event((chidi,), id="E2", everybody=True, until=utc("2026-03-04T00:00"))
    )
    begins, ends = utc("2026-03-02T10:00"), utc("2026-03-02T12:00")
    made.custom_shifts = (CustomShift("C1", begins, ends, ben),)
    made.overrides += [
        ShiftOverride("O1", "R1", begins, ends, None, ana),
        ShiftOverride("O2", "C1", begins, ends, ben, None),
    ]
    called(sim, (Target("PSHIFTS", "schedule"),))
    window = "since=2026-03-01T00:00:00Z&until=2026-03-08T00:00:00Z"
    for path in (
        "/v3/schedules?limit=1000",
        "/v3/schedules/PSHIFTS",
        f"/v3/schedules/PSHIFTS?include[]=final_schedule&{window}&overflow=true",
        "/v3/schedules/PSHIFTS/rotations",
        "/v3/schedules/PSHIFTS/rotations/R1",
        "/v3/schedules/PSHIFTS/rotations/R1/events",
        f"/v3/schedules/PSHIFTS/overrides?{window}",
        f"/v3/schedules/PSHIFTS/custom_shifts?{window}",
        "/oncalls?schedule_ids[]=PSHIFTS",
    ):
        assert judged.get(path).is_success, path


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
