"""Who may call: keys, the From header, roles and the request budget."""

from __future__ import annotations

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.simulator.account import Incident
from tests.simulator.conftest import client

NOTE = {"note": {"content": "Looking"}}


def code(answer: httpx.Response) -> int:
    value: int = answer.json()["error"]["code"]
    return value


def test_the_keys_look_like_real_ones() -> None:
    assert {len(key) for key in (KEYS.full, KEYS.read_only, KEYS.user)} == {20}


@pytest.mark.parametrize("given", ["", "Token token=u+wrong", "Basic dTpw", "Bearer pdus+wrong"], ids=str)
def test_unknown_keys_are_not_let_in(sim: Simulator, given: str) -> None:
    with httpx.Client(transport=sim.transport(), base_url="https://api.pagerduty.com") as stranger:
        refused = stranger.get("/abilities", headers={"Authorization": given} if given else {})
    assert (refused.status_code, code(refused)) == (401, 2006)


def test_a_revoked_key_stops_working_until_it_is_restored(sim: Simulator, rest: httpx.Client) -> None:
    sim.people.revoke(sim.keys.full)
    sim.switches.wrong_key_message = "Unauthorized"
    refused = rest.get("/abilities")
    assert (refused.status_code, refused.json()["error"]["message"]) == (401, "Unauthorized")
    sim.people.restore(sim.keys.full)
    assert rest.get("/abilities").status_code == 200


def test_a_read_only_key_reads(sim: Simulator, opened: Incident) -> None:
    with client(sim, sim.keys.read_only) as reader:
        assert reader.get(f"/incidents/{opened.id}").status_code == 200
        assert reader.post(f"/incidents/{opened.id}/notes", json=NOTE).status_code == 403
        assert reader.delete(f"/incidents/{opened.id}/notes/P1").status_code == 403
    assert opened.notes == []


def test_account_keys_must_name_a_user_of_the_account(sim: Simulator, opened: Incident) -> None:
    with client(sim, sim.keys.full, email=None) as nameless:
        missing = nameless.post(f"/incidents/{opened.id}/notes", json=NOTE)
    with client(sim, sim.keys.full, email="stranger@example.com") as stranger:
        unknown = stranger.post(f"/incidents/{opened.id}/notes", json=NOTE)
    assert missing.status_code == 400
    assert (unknown.status_code, unknown.json()["error"]["message"]) == (400, "Requester User Not Found")
    assert code(unknown) == 1008


def test_a_deactivated_user_can_no_longer_be_named(sim: Simulator, rest: httpx.Client, opened: Incident) -> None:
    sim.people.deactivate(BOT_EMAIL)
    assert code(rest.post(f"/incidents/{opened.id}/notes", json=NOTE)) == 1008
    assert [user["email"] for user in rest.get("/users").json()["users"]].count(BOT_EMAIL) == 0


@pytest.mark.parametrize("role", ["observer", "read_only_user", "read_only_limited_user"])
def test_stakeholders_cannot_respond(sim: Simulator, rest: httpx.Client, opened: Incident, role: str) -> None:
    sim.people.set_role(BOT_EMAIL, role)
    refused = rest.put(f"/incidents/{opened.id}", json={"incident": {"status": "acknowledged"}})
    assert (refused.status_code, code(refused)) == (403, 1018)


def test_a_users_key_acts_as_its_user_and_dies_with_it(sim: Simulator, opened: Incident) -> None:
    with client(sim, sim.keys.user, email=None) as ana:
        made = ana.post(f"/incidents/{opened.id}/notes", json=NOTE).json()["note"]
        assert made["user"]["summary"] == "Ana Lima"
        assert ana.get("/users/me").json()["user"]["name"] == "Ana Lima"
        sim.people.deactivate("Ana Lima")
        assert ana.get("/users/me").status_code == 401


def test_account_keys_have_no_identity_and_say_so_with_a_string(rest: httpx.Client) -> None:
    refused = rest.get("/users/me")
    assert refused.status_code == 400
    assert isinstance(refused.json()["error"], str)


def test_an_apps_token_needs_no_user_unless_switched(sim: Simulator, opened: Incident) -> None:
    bearer = {"Authorization": f"Bearer {sim.keys.app}"}
    with httpx.Client(transport=sim.transport(), base_url="https://api.pagerduty.com", headers=bearer) as app:
        made = app.post(f"/incidents/{opened.id}/notes", json=NOTE).json()["note"]
        assert made["user"]["type"] == "app_reference"
        sim.switches.from_needed_by_apps = True
        assert app.post(f"/incidents/{opened.id}/notes", json=NOTE).status_code == 400


def test_the_budget_is_counted_told_and_enforced(sim: Simulator, rest: httpx.Client, clock: StoppedClock) -> None:
    sim.switches.requests_per_minute = 3
    left = [rest.get("/abilities").headers["ratelimit-remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    clock.forward(20)
    refused = rest.get("/abilities")
    assert (refused.status_code, code(refused)) == (429, 2020)
    assert refused.headers["ratelimit-limit"] == "3"
    assert refused.headers["ratelimit-reset"] == "40"
    clock.forward(38.5)
    assert rest.get("/abilities").headers["ratelimit-reset"] == "2"
    clock.forward(0.5)
    assert rest.get("/abilities").status_code == 429
    clock.forward(1)
    assert rest.get("/abilities").status_code == 200


def test_keys_have_budgets_of_their_own(sim: Simulator, rest: httpx.Client) -> None:
    sim.switches.requests_per_minute = 1
    assert rest.get("/abilities").status_code == 200
    with client(sim, sim.keys.read_only) as reader:
        assert reader.get("/abilities").status_code == 200
    assert rest.get("/abilities").status_code == 429


def test_opening_incidents_has_a_tighter_limit_of_its_own(sim: Simulator, rest: httpx.Client) -> None:
    sim.switches.creates_per_minute = 1
    service = {"id": next(iter(sim.account.services)), "type": "service_reference"}
    body = {"incident": {"type": "incident", "title": "A", "service": service}}
    first = rest.post("/incidents", json=body)
    assert (first.status_code, first.headers["ratelimit-limit"]) == (201, "1")
    assert rest.post("/incidents", json=body).status_code == 429
    assert rest.get("/incidents").status_code == 200


def test_limits_may_go_untold(sim: Simulator, rest: httpx.Client) -> None:
    sim.switches.limit_headers, sim.switches.requests_per_minute = False, 0
    refused = rest.get("/abilities")
    assert refused.status_code == 429
    assert not [name for name in refused.headers if name.startswith("ratelimit")]
