"""What the command line can do about an account, by HTTP: its webhook made and replaced, OAuth begun, its settings changed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import httpx
import pytest

from syncd.clock import Clock, StoppedClock
from syncd.connections.joining.builtin import ensure_builtin
from syncd.connections.joining.connectors import add_connector
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import REQUEST_SECONDS, Parts
from syncd.errors import Unavailable
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve, simulator
from syncd.simulator.oauth import Client
from syncd.store import hook_secrets
from syncd.store.database import Database
from syncd.systems.pagerduty.oauth import NEEDED
from tests.parts.loopback import LOOPBACK

from .checked import create
from .conftest import TOKEN

PUBLIC, SITE, SECRET = "https://syncd.test", "http://syncd.test", "client-secret-of-acme-0000"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def pagerduty() -> Iterator[Simulator]:
    with simulator(seed=5) as made, serve(made.app) as url:
        made.account.api_url = url
        made.carriage.hold = True
        made.oauth.register(Client("C1", SECRET, "scoped", NEEDED, (f"{SITE}/oauth/callback",)))
        made.oauth.register(Client("C2", SECRET, "app", NEEDED))
        yield made


@contextmanager
def _serving(parts: Parts) -> Iterator[httpx.Client]:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with serve(create(parts)) as url, httpx.Client(base_url=url, headers=bearer, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def own(parts: Parts) -> Parts:
    ensure_builtin(parts.database, SITE)
    connections = Connections(parts.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    return replace(parts, connections=connections, public_url=PUBLIC)


@pytest.fixture
def api(own: Parts) -> Iterator[httpx.Client]:
    with _serving(own) as client:
        yield client


@pytest.fixture
def ask(api: httpx.Client) -> Ask:
    def asked(act: str, **fields: object) -> httpx.Response:
        return api.post(f"/v1/integrations{act}", json={"by": "Ana", **fields})

    return asked


@pytest.fixture
def beta(ask: Ask, pagerduty: Simulator) -> Mapping[str, object]:
    made = ask("", name="beta", email=BOT_EMAIL, secret=KEYS.full, where=pagerduty.account.api_url, consent=True)
    assert made.status_code == 201
    told: Mapping[str, object] = made.json()
    return told


def test_whoever_connects_is_told_what_the_command_tells(beta: Mapping[str, object]) -> None:
    assert (beta["sync"], beta["hooks"]) == ("one-way", f"{PUBLIC}/hooks/beta")
    says = str(beta["says"])
    assert says.startswith("beta is connected to simulated.pagerduty.com (")
    assert "Users: 4; services: 2; key: account; writes as " in says
    assert "`syncd integrations two-way beta on` changes that" in says


def test_what_a_case_system_does_not_take_is_refused_by_name(ask: Ask) -> None:
    fields = {"name": "desk", "secret": "token-of-the-desk-0000", "system": "casedesk"}
    assert "has no usual address" in ask("", **fields).json()["detail"]
    assert "has no email" in ask("", **fields, where="http://127.0.0.1:1", email="a@b.c").json()["detail"]
    assert "takes no consent" in ask("", **fields, where="http://127.0.0.1:1", two_way=False).json()["detail"]
    away = ask("", **fields, where="http://127.0.0.1:1")
    assert (away.status_code, away.json()["code"], away.headers["retry-after"]) == (503, "SYN-API-AWAY", "5")


@pytest.mark.usefixtures("beta")
def test_a_webhook_is_made_and_replaced(ask: Ask, pagerduty: Simulator, store: Database) -> None:
    none = ask("/beta/webhook/rotate")
    assert (none.status_code, "--create" in none.json()["detail"]) == (409, True)
    made = ask("/beta/webhook/create", service="Checkout")
    (old,) = pagerduty.account.subscriptions.values()
    assert made.status_code == 201
    assert made.json()["made"] == [
        {
            "old": "",
            "new": old.id,
            "is_made": True,
            "says": f"PagerDuty made subscription {old.id}; its secret is sealed.",
        }
    ]
    assert old.url == f"{PUBLIC}/hooks/beta"
    assert ask("/beta/webhook/create").status_code == 409
    is_over = threading.Event()
    pinged = threading.Thread(target=_prove, args=(store, is_over))
    pinged.start()
    replaced = ask("/beta/webhook/rotate")
    is_over.set()
    pinged.join()
    (new,) = pagerduty.account.subscriptions.values()
    assert replaced.status_code == 200
    assert replaced.json()["says"] == f"beta: subscription {new.id} has proved its secret, and {old.id} was deleted."
    said = made.text + replaced.text
    assert not any(secret in said for secret in (*old.secrets, *new.secrets))


def _prove(store: Database, is_over: threading.Event) -> None:
    """The receiver's part: the ping of the new subscription has come in."""
    while not is_over.wait(0.05):
        with store.write() as tx:
            hook_secrets.prove(tx, [one.id for one in hook_secrets.ours(tx, "beta") if one.replaces], store.now(tx))


def test_without_a_public_url_no_webhook_is_made(own: Parts, pagerduty: Simulator) -> None:
    with _serving(replace(own, public_url="")) as api:
        fields = {"name": "beta", "email": BOT_EMAIL, "secret": KEYS.full, "consent": True, "by": "Ana"}
        made = api.post("/v1/integrations", json={**fields, "where": pagerduty.account.api_url})
        refused = api.post("/v1/integrations/beta/webhook/create", json={"by": "Ana"})
    assert made.json()["hooks"].endswith("which is not set yet")
    assert (refused.status_code, "set SYNCD_PUBLIC_URL" in refused.json()["detail"]) == (422, True)
    assert pagerduty.account.subscriptions == {}


def test_an_account_is_connected_by_oauth(ask: Ask, api: httpx.Client, pagerduty: Simulator) -> None:
    fields = {"client_id": "C1", "secret": SECRET, "where": pagerduty.account.api_url}
    assert "consented" in ask("/gamma/authorise", **fields).json()["detail"]
    begun = ask("/gamma/authorise", **fields, consent=True, two_way=True)
    told = begun.json()
    assert (begun.status_code, told["state"], told["redirect"]) == (202, "waiting", f"{SITE}/oauth/callback")
    assert begun.headers["cache-control"] == "no-store"
    where = f"/v1/integrations/gamma/authorisations/{told['authorisation']}"
    assert api.get(where).json()["state"] == "waiting"
    back = httpx.get(told["url"], trust_env=False).headers["location"]
    assert "gamma is connected" in api.get(back.removeprefix(SITE)).text
    ended = api.get(where).json()
    assert (ended["state"], ended["by"]) == ("done", "Ana")
    assert ended["says"].startswith("gamma is connected to simulated.pagerduty.com (")
    assert api.get(where.replace("gamma", "acme")).status_code == 404
    assert {one["name"]: one["is_two_way"] for one in api.get("/v1/integrations").json()["integrations"]}["gamma"]
    assert SECRET not in begun.text


def test_it_is_agreed_to_again_by_its_name_alone(ask: Ask, api: httpx.Client, pagerduty: Simulator) -> None:
    fields = {"client_id": "C1", "secret": SECRET, "where": pagerduty.account.api_url, "consent": True}
    for given in (fields, {}):
        begun = ask("/gamma/authorise", **given).json()
        api.get(httpx.get(begun["url"], trust_env=False).headers["location"].removeprefix(SITE))
        ended = api.get(f"/v1/integrations/gamma/authorisations/{begun['authorisation']}").json()
        assert ended["state"] == "done"
        assert ended["says"].endswith("`syncd integrations two-way gamma on` changes that.")
        assert [one[:28] for one in ended["warnings"]] == ["This token is Ana Lima's: it"]
    moved = ask("/gamma/authorise", sign_in="https://sign-in.test")
    assert (moved.status_code, "never sent to a new address" in moved.json()["detail"]) == (422, True)


@pytest.mark.usefixtures("beta")
def test_of_any_other_account_its_application_is_required(ask: Ask) -> None:
    nobody, by_key = ask("/gamma/authorise", consent=True), ask("/beta/authorise")
    assert (nobody.status_code, by_key.status_code) == (422, 422)
    assert nobody.json()["detail"].startswith("No application is named; register one in PagerDuty")
    assert by_key.json()["detail"].startswith("beta is not connected by OAuth, so no application is known; register")


def test_an_application_is_connected_at_once(ask: Ask, pagerduty: Simulator) -> None:
    fields = {"client_id": "C2", "secret": SECRET, "kind": "app", "where": pagerduty.account.api_url, "consent": True}
    assert ask("/gamma/authorise", **fields, email=BOT_EMAIL).status_code == 422
    done = ask("/gamma/authorise", **fields, email=BOT_EMAIL, subdomain="simulated")
    assert (done.status_code, done.json()["state"], done.json()["key"]) == (200, "done", "account")
    assert ask("/gamma/authorise").json()["says"] == done.json()["says"]


@pytest.mark.usefixtures("beta")
def test_an_account_is_changed_and_asked_for_its_secret(ask: Ask, pagerduty: Simulator) -> None:
    assert ask("/beta/set").status_code == 422
    moved = ask("/beta/set", where=f"{pagerduty.account.api_url}/")
    assert (moved.status_code, "never sent to a new address" in moved.json()["detail"]) == (422, True)
    sent_as = ask("/beta/set", email="ana.lima@example.com", consent=True)
    assert sent_as.json()["says"] == (
        "Our writes to beta are made as ana.lima@example.com from now on. beta: consent was recorded before."
    )
    assert ask("/nobody/set", consent=True).status_code == 404


@pytest.mark.usefixtures("beta")
def test_the_history_of_all_accounts_is_one_list(api: httpx.Client) -> None:
    rows = api.get("/v1/connection-log", params={"limit": 1}).json()["log"]
    assert [(row["integration"], row["kind"]) for row in rows] == [("beta", "connected")]


@pytest.mark.usefixtures("beta")
def test_a_refused_key_is_told_to_whoever_tests_it(ask: Ask, pagerduty: Simulator) -> None:
    assert ask("/beta/test").json()["credential"] == "accepted"
    pagerduty.people.revoke(KEYS.full)
    refused = ask("/beta/test")
    assert (refused.status_code, refused.json()["code"]) == (422, "PAG-100-B")


def test_what_keeps_an_account_from_being_connected_is_the_code_of_the_answer(ask: Ask, pagerduty: Simulator) -> None:
    fields = {"name": "beta", "email": BOT_EMAIL, "secret": KEYS.full, "consent": True}
    url = pagerduty.account.api_url
    answers = {
        "SYN-PAG-NETWORK": ask("", **fields, where="http://127.0.0.1:1"),
        "SYN-PAG-ADDRESS": ask("", **fields, where=f"{url}/proxy"),
        "SYN-PAG-READONLY": ask("", **{**fields, "secret": KEYS.read_only}, where=url),
        "SYN-PAG-SENDER": ask("", **{**fields, "email": "nobody@example.com"}, where=url),
        "SYN-API-BODY": ask("", **{**fields, "consent": False}, where=url),
    }
    assert {code: (one.status_code, one.json()["code"]) for code, one in answers.items()} == {
        code: (503 if code == "SYN-PAG-NETWORK" else 422, code) for code in answers
    }


@pytest.mark.usefixtures("beta")
def test_what_cannot_be_twice_and_what_takes_no_alerts_have_codes_of_their_own(
    api: httpx.Client, ask: Ask, own: Parts, pagerduty: Simulator
) -> None:
    fields = {"name": "again", "email": BOT_EMAIL, "secret": KEYS.full, "consent": True}
    twice = ask("", **fields, where=pagerduty.account.api_url)
    assert (twice.status_code, twice.json()["code"]) == (409, "SYN-API-CONNECTED")
    assert "is connected already, as beta" in twice.json()["detail"]
    add_connector(own.setup(), "checkout", integration="beta", service="Checkout", case_system="cases")
    alert = api.post("/v1/alerts", json={"by": "Ben", "connector": "checkout", "summary": "Disk full"})
    assert (alert.status_code, alert.json()["code"]) == (409, "SYN-API-ALERTS")


@pytest.mark.usefixtures("beta")
def test_keys_that_open_nothing_are_our_trouble(own: Parts) -> None:
    other = Connections(own.database, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    with _serving(replace(own, connections=other)) as api:
        answer = api.post("/v1/integrations/beta/test")
    assert (answer.status_code, answer.json()["code"]) == (500, "SYN-API-KEYS")


def test_all_that_one_request_asks_over_there_shares_a_deadline(parts: Parts) -> None:
    clock = StoppedClock(Clock().now())
    setup = replace(parts, clock=clock).setup()
    clock.forward(REQUEST_SECONDS - 5)
    assert setup.trip("webhook").left() == pytest.approx(5)
    clock.forward(5)
    with pytest.raises(Unavailable, match="longer than one request may"):
        setup.trip("webhook")
