"""What a key is refused while others are not: one permission, one feature of the plan, or a list that is not there."""

from __future__ import annotations

import httpx
import pytest

from syncd.simulator import KEYS, Simulator, serve
from tests.simulator.conftest import client

LISTS = {
    "/log_entries": "log_entries",
    "/audit/records": "records",
    "/licenses": "licenses",
    "/license_allocations": "license_allocations",
}


@pytest.mark.parametrize("path", LISTS)
def test_one_list_is_withheld_from_one_key_until_it_is_granted(sim: Simulator, rest: httpx.Client, path: str) -> None:
    with serve(sim.app) as url:
        control = f"{url}/_sim/keys/{KEYS.full}"
        assert httpx.post(f"{control}/withhold", json={"path": path, "status": 402}).status_code == 200
        assert httpx.post(f"{control}/withhold", json={"path": path}).status_code == 200
        refused = rest.get(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, 2010), "the later word stands"
        with client(sim, KEYS.read_only) as other:
            assert other.get(path).status_code == 200
        assert [rest.get(one).status_code for one in LISTS if one != path] == [200] * 3
        httpx.post(f"{control}/grant", json={"path": path})
    assert isinstance(rest.get(path).json()[LISTS[path]], list)


@pytest.mark.parametrize(("status", "code"), [(402, 2014), (403, 2010), (404, 2100)])
def test_each_refusal_has_its_own_code(sim: Simulator, rest: httpx.Client, status: int, code: int) -> None:
    with serve(sim.app) as url:
        httpx.post(f"{url}/_sim/keys/{KEYS.full}/withhold", json={"path": "/audit/*", "status": status})
    refused = rest.get("/audit/records")
    assert (refused.status_code, refused.json()["error"]["code"]) == (status, code)


def test_a_scoped_refusal_names_the_scopes(sim: Simulator, rest: httpx.Client) -> None:
    with serve(sim.app) as url:
        scopes = {"required_scopes": "licenses.read", "token_scopes": "incidents.read"}
        httpx.post(f"{url}/_sim/keys/{KEYS.full}/withhold", json={"path": "/licenses", **scopes})
    assert scopes.items() <= rest.get("/licenses").json()["error"].items()


def test_licences_are_held_by_whoever_is_active(sim: Simulator, rest: httpx.Client) -> None:
    sim.people.deactivate("Ana Lima")
    held = rest.get("/license_allocations", params={"limit": 1}).json()
    (licence,) = rest.get("/licenses").json()["licenses"]
    assert (licence["current_value"], len(held["license_allocations"]), held["more"]) == (3, 1, True)


def test_the_sessions_are_those_of_somebody(sim: Simulator, rest: httpx.Client) -> None:
    ana = sim.people.who("Ana Lima").id
    assert rest.get(f"/users/{ana}/oauth_delegations").json()["oauth_delegations"] == []
    assert rest.get("/users/PNOBODY/oauth_delegations").status_code == 404
