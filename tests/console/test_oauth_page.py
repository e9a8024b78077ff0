"""The page a browser comes back to: it tells the outcome, shows nothing of its address, and uses a code up only for whoever opens it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from syncd.connections.joining.setup import Setup
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import Parts
from syncd.simulator import Simulator, serve, simulator
from syncd.store import integrations
from tests.connections.oauth_site import agreed, begun, register
from tests.console.conftest import TOKEN, Door
from tests.parts.loopback import LOOPBACK

BACK, NEW = "/oauth/callback", "globex"


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with simulator(seed=3) as made, serve(made.app) as url:
        made.account.api_url = url
        register(made)
        yield made


@pytest.fixture
def setup(parts: Parts, door: Door) -> Setup:
    connections = Connections(parts.database, Vault(generate_key()), parts.clock, outgoing=LOOPBACK)
    own = replace(parts, connections=connections)
    door.open(own)
    return own.setup()


def names(setup: Setup) -> set[str]:
    with setup.db.read() as tx:
        return set(integrations.all_of(tx))


def test_whoever_agreed_is_told_that_it_is_connected(setup: Setup, sim: Simulator, door: Door) -> None:
    came = agreed(begun(setup, sim, slug=NEW))
    looked = httpx.head(door.url + BACK, params=came, trust_env=False)
    assert looked.status_code == 405
    shown = httpx.get(door.url + BACK, params=came, trust_env=False)
    assert shown.status_code == 200
    where = f"globex is connected to simulated.pagerduty.com ({sim.account.api_url})."
    assert f"{where} Users: 4; services: 2; token: user; writes as ana.lima@example.com; sync: two-way." in shown.text
    assert "This token is Ana Lima" in shown.text
    assert "/integrations/" not in shown.text, "a stranger is led nowhere"
    assert "ersonal key" not in shown.text
    assert NEW in names(setup)
    assert "default-src 'none'" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "no-store"
    assert came["code"] not in shown.text
    again = httpx.get(door.url + BACK, params=came, trust_env=False)
    assert again.status_code == 409


@pytest.mark.parametrize("state", ["known", "unknown"])
def test_nothing_of_its_address_is_shown_and_it_leads_nowhere(
    setup: Setup, sim: Simulator, door: Door, state: str
) -> None:
    word = "<b>planted</b>"
    came = {
        "error": word,
        "error_description": word,
        "next": "https://evil.test/",
        "redirect_uri": "https://evil.test/",
    }
    shown = httpx.get(
        door.url + BACK,
        params={**came, "state": agreed(begun(setup, sim, slug=NEW))["state"] if state == "known" else word},
        trust_env=False,
    )
    assert shown.status_code == 422
    assert "planted" not in shown.text
    assert "evil" not in shown.text
    assert "location" not in shown.headers
    assert NEW not in names(setup)


def test_a_denial_is_told(setup: Setup, sim: Simulator, door: Door) -> None:
    sim.oauth.denies_next = True
    shown = httpx.get(door.url + BACK, params=agreed(begun(setup, sim, slug=NEW)), trust_env=False)
    assert (shown.status_code, "denied in PagerDuty" in shown.text) == (422, True)


def test_whoever_is_signed_in_is_led_back_to_the_account(setup: Setup, sim: Simulator, door: Door) -> None:
    with httpx.Client(base_url=door.url, trust_env=False) as person:
        person.post("/login", data={"name": "Ops", "token": TOKEN, "next": "/overview"})
        sim.oauth.denies_next = True
        denied = person.get(BACK, params=agreed(begun(setup, sim, slug=NEW)))
        assert (denied.status_code, "/integrations/globex" in denied.text) == (422, False), "it is not there"
        shown = person.get(BACK, params={**agreed(begun(setup, sim, slug=NEW)), "next": "https://evil.test/"})
        assert (shown.status_code, "location" in shown.headers, "evil" in shown.text) == (200, False, False)
        assert '<a class="button" href="/integrations/globex">' in shown.text
        assert person.get("/integrations/globex").status_code == 200
