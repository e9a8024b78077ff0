"""Teams, and what keys and users who are bound to them do not see."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from syncd.simulator import KEYS, Simulator, serve
from syncd.simulator.account import Maintenance, Team
from tests.simulator.conftest import client
from tests.simulator.rotas import layer, layered, people, shifted


@pytest.fixture
def parted(sim: Simulator) -> Simulator:
    """Checkout belongs to team PT1, with Ana in it, and Payments to the private team PT2, with Ben."""
    account, (ana, ben, _) = sim.account, people(sim)
    account.teams = {
        "PT1": Team("PT1", "One", {ana: "manager"}),
        "PT2": Team("PT2", "Two", {ben: "responder"}, is_private=True),
    }
    for service, team in zip(list(account.services.values()), account.teams, strict=True):
        account.services[service.id] = replace(service, team_ids=(team,))
        policy = account.policies[service.policy_id]
        account.policies[policy.id] = replace(policy, team_ids=(team,))
        sim.people.open(f"Incident of {service.name}", service=service.id)
    layered(sim, layer((ana,))).team_ids = ("PT1",)
    shifted(sim).team_ids = ("PT2",)
    return sim


def seen(sim: Simulator, key: str) -> dict[str, int]:
    with client(sim, key, email=None) as rest:
        return {
            path: len(rest.get(path).json()[path.rsplit("/", 1)[-1]])
            for path in (
                "/services",
                "/escalation_policies",
                "/schedules",
                "/v3/schedules",
                "/teams",
                "/incidents",
                "/oncalls",
                "/users",
            )
        }


ALL = {
    "/services": 2,
    "/escalation_policies": 2,
    "/schedules": 1,
    "/v3/schedules": 1,
    "/teams": 2,
    "/incidents": 2,
    "/oncalls": 2,
    "/users": 4,
}
OF_ONE = {
    "/services": 1,
    "/escalation_policies": 1,
    "/schedules": 1,
    "/v3/schedules": 0,
    "/teams": 1,
    "/incidents": 1,
    "/oncalls": 1,
}


def test_account_keys_see_everything(parted: Simulator) -> None:
    assert seen(parted, KEYS.full) == seen(parted, KEYS.read_only) == seen(parted, KEYS.app) == ALL


def test_a_user_does_not_see_the_private_team_of_others(parted: Simulator) -> None:
    assert seen(parted, KEYS.user) == OF_ONE | {"/users": 4}


def test_an_admin_sees_everything_and_whoever_is_bound_only_their_teams(parted: Simulator) -> None:
    parted.people.set_role("Ana Lima", "admin")
    assert seen(parted, KEYS.user) == ALL
    parted.people.set_role("Ana Lima", "restricted_access")
    assert seen(parted, KEYS.user) == OF_ONE | {"/users": 1}


def test_a_key_may_be_bound_to_a_team(parted: Simulator) -> None:
    with serve(parted.app) as url:
        assert httpx.post(f"{url}/_sim/keys/{KEYS.read_only}/bind", json={"teams": ["PT1"]}).status_code == 200
        assert httpx.post(f"{url}/_sim/keys/{KEYS.read_only}/bind", json={"teams": ["PT9"]}).status_code == 404
    assert seen(parted, KEYS.read_only) == OF_ONE | {"/users": 1}
    with client(parted, KEYS.read_only, email=None) as rest:
        hidden = list(parted.account.services)[1]
        incident = next(it.id for it in parted.account.incidents.values() if it.service_id == hidden)
        for path in (
            f"/services/{hidden}",
            "/v3/schedules/PSHIFTS",
            f"/incidents/{incident}/log_entries",
            "/teams/PT2/members",
        ):
            assert rest.get(path).status_code == 404
        assert {it["incident"]["id"] for it in rest.get("/log_entries").json()["log_entries"]}.isdisjoint({incident})
        assert rest.get("/audit/records").status_code == 403


def test_members_and_their_roles(parted: Simulator, rest: httpx.Client) -> None:
    (one,) = rest.get("/teams/PT1/members").json()["members"]
    assert (one["user"]["summary"], one["user"]["type"], one["role"]) == ("Ana Lima", "user_reference", "manager")
    (one,) = rest.get("/teams/PT1/members?include[]=users").json()["members"]
    assert one["user"]["email"] == "ana.lima@example.com"
    assert rest.get("/teams/PT2").json()["team"]["default_role"] == "none"
    assert [it["id"] for it in rest.get("/services?team_ids[]=PT1").json()["services"]] == [
        next(iter(parted.account.services))
    ]
    assert [it["summary"] for it in rest.get("/users?team_ids[]=PT2").json()["users"]] == ["Ben Osei"]


def test_a_plan_without_teams(parted: Simulator, rest: httpx.Client) -> None:
    parted.switches.has_teams = False
    for path in ("/teams", "/teams/PT1", "/teams/PT1/members", "/abilities/teams"):
        assert rest.get(path).status_code == 402
    assert "teams" not in rest.get("/abilities").json()["abilities"]
    assert rest.get("/abilities/urgencies").status_code == 204


def test_maintenance_windows_by_time_and_service(parted: Simulator, rest: httpx.Client) -> None:
    now, (one, other) = parted.world.now(), tuple(parted.account.services)
    for number, (service, begins) in enumerate(((one, -5), (one, 5), (other, -50))):
        start = now + timedelta(days=begins)
        made = Maintenance(f"PW{number}", (service,), start, start + timedelta(days=10), "Work")
        parted.account.maintenance.append(made)

    def found(query: str) -> list[str]:
        return [it["id"] for it in rest.get(f"/maintenance_windows?{query}").json()["maintenance_windows"]]

    assert [found(f"filter={word}") for word in ("past", "ongoing", "future", "open", "all")] == [
        ["PW2"],
        ["PW0"],
        ["PW1"],
        ["PW0", "PW1"],
        ["PW0", "PW1", "PW2"],
    ]
    assert found(f"service_ids[]={other}") == ["PW2"]
    (shown, *_) = rest.get("/maintenance_windows").json()["maintenance_windows"]
    assert [it["id"] for it in shown["services"]] == [one]
    with client(parted, KEYS.user, email=None) as ana:
        seen_by_ana = ana.get("/maintenance_windows").json()["maintenance_windows"]
    assert [it["id"] for it in seen_by_ana] == ["PW0", "PW1"], "Payments is not Ana's to see"
