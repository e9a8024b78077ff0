"""Lists: pagination exactly as documented, filters, windows, sorting."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.clock import StoppedClock
from syncd.simulator import Simulator
from syncd.simulator.account import Incident
from syncd.simulator.asked import Json


@pytest.fixture
def seven(sim: Simulator, clock: StoppedClock) -> list[Incident]:
    """Opened a minute apart; the third is acknowledged, the last two resolved."""
    made = []
    for number in range(7):
        service = list(sim.account.services)[number % 2]
        made.append(sim.people.open(f"Incident {number}", "Ana Lima", service=service, incident_key=f"key-{number}"))
        clock.forward(60)
    sim.people.acknowledge(made[2].id, "Ben Osei")
    for it in made[5:]:
        sim.people.resolve(it.id, "Ben Osei")
    return made


def numbers(answer: httpx.Response) -> list[int]:
    return [it["incident_number"] for it in answer.json()["incidents"]]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(limit=st.integers(1, 120), offset=st.integers(0, 12))
def test_pages_together_are_the_whole_list(
    rest: httpx.Client, seven: list[Incident], sim: Simulator, limit: int, offset: int
) -> None:
    sim.switches.requests_per_minute = 10_000
    page: Json = rest.get("/incidents", params={"limit": limit, "offset": offset}).json()
    assert page["limit"] == min(limit, 100)
    assert [it["incident_number"] for it in page["incidents"]] == list(range(1, 8))[offset : offset + limit]
    assert page["more"] == (offset + limit < 7)
    assert page["total"] is None


def test_the_total_is_told_only_when_asked_in_lower_case(rest: httpx.Client, seven: list[Incident]) -> None:
    assert rest.get("/incidents?total=true").json()["total"] == 7
    assert rest.get("/incidents?total=True").json()["total"] is None


def test_nobody_reads_beyond_ten_thousand(rest: httpx.Client) -> None:
    assert rest.get("/incidents?limit=100&offset=9900").status_code == 200
    refused = rest.get("/incidents?limit=100&offset=9901")
    assert refused.status_code == 400
    assert "Offset+limit" in refused.json()["error"]["errors"][0]


def test_too_large_limits_are_clamped_or_refused(sim: Simulator, rest: httpx.Client) -> None:
    assert rest.get("/services?limit=101").json()["limit"] == 100
    sim.switches.limit_above_100 = "refuse"
    assert rest.get("/services?limit=101").status_code == 400
    assert rest.get("/services?limit=ten").status_code == 400


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("statuses[]=acknowledged", [3]),
        ("statuses[]=acknowledged&statuses[]=resolved", [3, 6, 7]),
        ("incident_key=key-5", [6]),
        ("incident_key=key-5&statuses[]=triggered", []),
        ("incident_key=nobody", []),
        ("incident_key=", [1, 2, 3, 4, 5]),
        ("sort_by=created_at:desc", [7, 6, 5, 4, 3, 2, 1]),
        ("sort_by=urgency:asc,incident_number:desc", [7, 6, 5, 4, 3, 2, 1]),
        ("since=2026-03-01T12:02:00Z&until=2026-03-01T12:04:30Z", [3, 4, 5]),
        ("urgencies[]=low", []),
    ],
    ids=str,
)
def test_filters(rest: httpx.Client, seven: list[Incident], query: str, found: list[int]) -> None:
    assert numbers(rest.get(f"/incidents?{query}")) == found


def test_filters_by_service_and_by_assigned_user(sim: Simulator, rest: httpx.Client, seven: list[Incident]) -> None:
    first, _ = sim.account.services
    assert numbers(rest.get("/incidents", params={"service_ids[]": first})) == [1, 3, 5, 7]
    ana = sim.people.who("Ana Lima").id
    assert numbers(rest.get("/incidents", params={"user_ids[]": ana})) == [1, 3, 5]


def test_only_the_last_month_is_shown_unless_asked(
    rest: httpx.Client, seven: list[Incident], clock: StoppedClock
) -> None:
    clock.forward(timedelta(days=40))
    assert numbers(rest.get("/incidents")) == []
    assert len(numbers(rest.get("/incidents?date_range=all"))) == 7
    assert len(numbers(rest.get("/incidents?since=2026-02-01T00:00:00Z"))) == 7


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("since=2025-01-01T00:00:00Z&until=2026-01-01T00:00:00Z", 2005),
        ("since=2026-02-01T00:00:00Z&until=2026-01-01T00:00:00Z", 2005),
        ("since=yesterday", 2004),
        ("statuses[]=closed", 2001),
        ("sort_by=colour", 2001),
        ("sort_by=urgency,created_at,resolved_at", 2001),
    ],
    ids=str,
)
def test_questions_that_are_refused(rest: httpx.Client, query: str, code: int) -> None:
    refused = rest.get(f"/incidents?{query}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)


def test_the_directory(sim: Simulator, rest: httpx.Client) -> None:
    names = [user["name"] for user in rest.get("/users").json()["users"]]
    assert names == ["Ana Lima", "Ben Osei", "Chidi Park", "syncd bot"]
    assert [p["name"] for p in rest.get("/priorities").json()["priorities"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert [s["name"] for s in rest.get("/services?query=pay").json()["services"]] == ["Payments"]
    (policy, _) = rest.get("/escalation_policies").json()["escalation_policies"]
    assert rest.get(f"/escalation_policies/{policy['id']}").json()["escalation_policy"] == policy
    assert "priorities" in rest.get("/abilities").json()["abilities"]
    service = next(iter(sim.account.services))
    assert rest.get(f"/services/{service}").json()["service"]["escalation_policy"]["id"] == policy["id"]


def test_a_user_query_looks_at_names_and_at_addresses_only_by_switch(sim: Simulator, rest: httpx.Client) -> None:
    assert len(rest.get("/users?query=osei").json()["users"]) == 1
    assert rest.get("/users?query=@example.com").json()["users"] == []
    sim.switches.user_query_matches_email = True
    assert len(rest.get("/users?query=@example.com").json()["users"]) == 4


def test_log_entries_come_newest_first_and_by_window(rest: httpx.Client, seven: list[Incident]) -> None:
    entries = rest.get("/log_entries?limit=100").json()["log_entries"]
    assert len(entries) == 10
    assert [e["created_at"] for e in entries] == sorted((e["created_at"] for e in entries), reverse=True)
    late = rest.get(f"/incidents/{seven[2].id}/log_entries?since=2026-03-01T12:05:00Z").json()["log_entries"]
    assert [e["type"] for e in late] == ["acknowledge_log_entry"]
