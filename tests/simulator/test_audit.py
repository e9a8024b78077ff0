"""The audit trail: newest first, by cursor, 31 days at most, and not for everybody."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.simulator import KEYS, Simulator, serve
from syncd.simulator.audit import AuditRecord
from tests.simulator.conftest import client


@pytest.fixture
def trail(sim: Simulator, clock: StoppedClock) -> Simulator:
    """One record an hour for fifty hours, the newest an hour old."""
    for hours in range(50, 0, -1):
        kind = "user" if hours % 2 else "escalation_policy"
        at = clock.now() - timedelta(hours=hours)
        sim.account.audit.append(AuditRecord(f"A{hours:02d}", at, "update", kind, "P1", "Something"))
    return sim


def pages(rest: httpx.Client, **params: str) -> list[list[str]]:
    found, cursor = [], ""
    while cursor is not None:
        said = rest.get("/audit/records", params={**params, **({"cursor": cursor} if cursor else {})}).json()
        found.append([it["id"] for it in said["records"]])
        cursor = said["next_cursor"]
    return found


def test_a_day_by_default_and_page_by_page(trail: Simulator, rest: httpx.Client) -> None:
    found = pages(rest, limit="10")
    assert [len(page) for page in found] == [10, 10, 4]
    assert [one for page in found for one in page] == [f"A{hours:02d}" for hours in range(1, 25)]


def test_what_is_new_moves_no_page(trail: Simulator, rest: httpx.Client) -> None:
    first = rest.get("/audit/records?limit=3").json()
    trail.people.set_role("Ana Lima", "admin")
    second = rest.get(f"/audit/records?limit=3&cursor={first['next_cursor']}").json()
    assert [it["id"] for it in second["records"]] == ["A04", "A05", "A06"]
    newest = rest.get("/audit/records?limit=1").json()["records"][0]
    assert (newest["root_resource"]["type"], newest["action"]) == ("user_reference", "update")
    assert newest["details"]["fields"] == [{"name": "role", "value": "admin", "before_value": "user"}]


def test_a_service_that_is_changed_moves_in_its_list_and_is_written_down(sim: Simulator, rest: httpx.Client) -> None:
    first = rest.get("/services?limit=1").json()["services"][0]
    with serve(sim.app) as url:
        at = f"{url}/_sim/services/{first['id']}/change"
        assert httpx.post(at, json={"name": "Till", "state": "disabled", "by": "Ana Lima"}).status_code == 200
        assert httpx.post(at, json={"state": "gone"}).status_code == 404
    assert rest.get("/services?limit=1&offset=1").json()["services"][0]["name"] == "Till"
    assert rest.get("/services?name=Till").json()["services"][0]["status"] == "disabled"
    (record,) = rest.get("/audit/records").json()["records"]
    assert record["details"]["fields"] == [
        {"name": "name", "value": "Till", "before_value": "Checkout"},
        {"name": "status", "value": "disabled", "before_value": "active"},
    ]


def test_filters(trail: Simulator, rest: httpx.Client) -> None:
    (found,) = pages(rest, **{"root_resource_types[]": "escalation_policies"})
    assert found == [f"A{hours:02d}" for hours in range(2, 25, 2)]
    assert pages(rest, **{"actions[]": "delete"}) == [[]]


@pytest.mark.parametrize(
    "params",
    [
        {"since": "2026-01-01T00:00:00Z", "until": "2026-02-02T00:00:01Z"},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"cursor": "nobody"},
    ],
)
def test_what_is_refused(trail: Simulator, rest: httpx.Client, params: dict[str, str]) -> None:
    assert rest.get("/audit/records", params=params).status_code == 400
    whole = {"since": "2026-01-30T12:00:00Z", "until": "2026-03-02T12:00:00Z"}
    assert rest.get("/audit/records", params=whole).status_code == 200


def test_it_takes_an_admin_and_a_plan(trail: Simulator, rest: httpx.Client) -> None:
    with client(trail, KEYS.user, email=None) as ana:
        assert ana.get("/audit/records").status_code == 403
        trail.people.set_role("Ana Lima", "admin")
        assert ana.get("/audit/records").status_code == 200
    trail.switches.has_audit_trail = False
    assert rest.get("/audit/records").status_code == 402


def test_scopes_of_what_evidence_reads(sim: Simulator, rest: httpx.Client) -> None:
    """A token for users alone reads who is on a schedule, and no schedule."""
    sim.account.keys[KEYS.app].scopes = ("users.read",)
    with client(sim, KEYS.app, email=None) as app:
        assert app.get("/users").status_code == 200
        assert app.get("/schedules/PNONE/users").status_code == 404
        for path, scope in (
            ("/schedules", "schedules.read"),
            ("/v3/schedules", "schedules.read"),
            ("/oncalls", "oncalls.read"),
            ("/teams", "teams.read"),
            ("/maintenance_windows", "services.read"),
            ("/audit/records", "audit_records.read"),
            ("/escalation_policies", "escalation_policies.read"),
        ):
            refused = app.get(path)
            assert (refused.status_code, refused.json()["error"]["required_scopes"]) == (403, scope)
