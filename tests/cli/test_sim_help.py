"""`syncd sim --help`: how the simulator is turned, told so that it can be typed."""

from __future__ import annotations

import json
import re
import shlex

import httpx

from syncd.simulator import KEYS, serve, simulator
from syncd.simulator.oauth_acts import OAuthActs

from .conftest import Syncd


def _help(syncd: Syncd) -> str:
    ended = syncd("sim", "--help")
    assert ended.code == 0
    return ended.out


def test_every_control_that_is_told_is_there(syncd: Syncd) -> None:
    told = _help(syncd)
    paths = re.findall(r"GET[ ,A-Z]* (/_sim/\w+)\s", told)
    assert len(paths) == 4
    paths.remove("/_sim/manifest")
    with simulator() as sim, serve(sim.app) as url:
        for path in (*paths, "/_sim/requests", "/_sim/webhooks"):
            assert path in told
            assert httpx.get(f"{url}{path}").status_code == 200
        assert "--evidence" in httpx.get(f"{url}/_sim/manifest").json()["error"]
        incident = sim.people.open("Slow", "Ana Lima").id
        of_one = dict(re.findall(r"/_sim/(\w+)/(ID)[ :]", told))
        assert {"incidents", "keys"} <= set(of_one)
        assert httpx.get(f"{url}/_sim/incidents/{incident}").json()["incident"]["id"] == incident
        assert httpx.get(f"{url}/_sim/keys/{KEYS.full}").json() == {"key": {"kind": "full", "revoked": False}}
        acts = re.search(r"acknowledge,.*?notify", told, re.DOTALL)
        assert acts is not None
        for act in re.split(r",\s*", acts[0]):
            answer = httpx.post(f"{url}/_sim/incidents/{incident}/{act}", json={"by": "Ana Lima"})
            assert "There is no such control." not in answer.text, act
            named = re.search(r"has to name '(\w+)'", answer.json().get("error", ""))
            assert named is None or named[1] in {"priority", "title", "urgency"} or f'"{named[1]}"' in told, act


def test_every_control_of_the_authorisation_server_is_told_with_what_it_takes(syncd: Syncd) -> None:
    told = _help(syncd)
    with simulator() as sim, serve(sim.app) as url:
        for act in ("clients", "person"):
            found = re.search(rf"/_sim/oauth/{act} .*?(\{{.*?\}})", told, re.DOTALL)
            assert found is not None, act
            assert httpx.post(f"{url}/_sim/oauth/{act}", json=json.loads(found[1])).is_success
        assert re.search(r'/_sim/oauth/deny, revoke .*\{"token": ', told)
        assert httpx.post(f"{url}/_sim/oauth/deny", json={}).is_success
        assert httpx.post(f"{url}/_sim/oauth/revoke", json={"token": KEYS.full}).is_success
        assert (list(sim.oauth.clients), sim.oauth.person, sim.oauth.denies_next) == (["syncd"], "Ana Lima", True)
    acts = {one.path.rpartition("/")[2] for one in OAuthActs(sim.oauth).routes()}
    assert f"--subdomain is {simulator(web_url='http://127.0.0.1:8081').oauth.subdomain}" in " ".join(told.split())
    assert acts == {"clients", "person", "deny", "revoke"}, "another one is to be told as well"


def test_every_example_can_be_pasted(syncd: Syncd) -> None:
    lines = [line.strip() for line in _help(syncd).splitlines() if line.strip().startswith("curl ")]
    assert len(lines) == 3
    with simulator() as sim, serve(sim.app) as url:
        for line in lines:
            _, *words = shlex.split(line)
            address = next(word for word in words if word.startswith("127.0.0.1:8081"))
            body = json.loads(words[words.index("-d") + 1]) if "-d" in words else None
            method = words[words.index("-X") + 1] if "-X" in words else "POST" if body else "GET"
            answer = httpx.request(method, address.replace("127.0.0.1:8081", url), content=json.dumps(body))
            assert answer.is_success, answer.text
        assert sim.carriage.drop_next == 1
        assert [one.title for one in sim.account.incidents.values()] == ["Checkout is slow"]
