"""What helps an account that is connected by OAuth is told alike by the command line, over HTTP, by status and in the log."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.connections.webhooks.trouble import Trouble
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.core.diagnostics import CATALOGUE
from syncd.core.our_codes import OURS
from syncd.core.pagerduty_codes import PAGERDUTY
from syncd.core.reasons import Reason
from syncd.flow.status.subscriptions import Seen, findings
from syncd.simulator import BOT_EMAIL, Simulator, serve
from syncd.simulator.account import Withheld
from syncd.simulator.oauth import Client
from syncd.store import integrations
from syncd.store.cases import Cases
from syncd.store.database import Database
from syncd.systems.pagerduty.oauth import NEEDED
from tests.cli.conftest import NOON, SECRET, TOKEN, Syncd
from tests.parts.loopback import LOOPBACK
from tests.parts.terms import FLAGS

CLIENT_SECRET = "client-secret-of-acme-0000"
AUTHORISE = "`syncd integrations authorise acme`"
WITHOUT_OAUTH = {"SYN-PAG-KEY-AGE", "SYN-PAG-SERVICE-KEY", "SYN-CASE-SYSTEM"}  # no OAuth token is used there


WITHHELD = {
    101: "/users",
    104: "/users/*/oauth_delegations",
    105: "/audit/records",
    106: "/log_entries",
    107: "/licenses",
    108: "/license_allocations",
}
NUMBERS = sorted({100, 102, *WITHHELD})


@pytest.fixture
def by_oauth(syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    pagerduty.oauth.register(Client("C2", CLIENT_SECRET, "app", NEEDED))
    monkeypatch.setenv(SECRET, CLIENT_SECRET)
    app = ("--client-id", "C2", "--kind", "app", "--email", BOT_EMAIL, "--subdomain", "simulated")
    ended = syncd("integrations", "authorise", "acme", *FLAGS, "--where", pagerduty.account.api_url, *app)
    assert ended.code == 0, ended.err


@pytest.fixture
def fine(syncd: Syncd, by_oauth: None, pagerduty: Simulator) -> None:
    """All that there is was answered once: its token has more than sync asks for."""
    for token in tokens(pagerduty):
        key = pagerduty.account.keys[token]
        key.scopes = (*(key.scopes or ()), "audit_records.read", "licenses.read", "oauth_delegations.read")
    assert {line["state"] for line in syncd("doctor", "acme", "--all", "-o", "json").json[:7]} == {"ok"}


@pytest.fixture
def console(store: Database) -> Iterator[httpx.Client]:
    connections = Connections(store, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    parts = Parts(store, Cases(store, site="http://syncd.test"), connections, lambda _: None, Clock(), TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serve(create(parts)) as url, httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        client.post("/login", data={"name": "Ops", "token": TOKEN, "next": "/overview"})
        yield client


@pytest.fixture
def checks(console: httpx.Client) -> Callable[[], dict[str, dict[str, str]]]:
    return lambda: {one["check"]: one for one in console.get("/v1/integrations/acme/checks").json()["checks"]}


def tokens(sim: Simulator) -> list[str]:
    return [key.secret for key in sim.account.keys.values() if key.scopes is not None]


def broken(sim: Simulator, number: int) -> None:
    for token in tokens(sim):
        if number in WITHHELD:
            sim.people.withhold(token, Withheld(WITHHELD[number]))
        elif number == 100:
            sim.oauth.clients.clear()
            sim.oauth.revoke(token)
    for user in list(sim.account.users) if number == 102 else []:
        sim.people.deactivate(user)


def squeezed(text: str) -> str:
    """Without marks: a command is set in another type on a page."""
    return re.sub(r"[\s`]+", "", html.unescape(re.sub(r"<[^>]+>", "", text)))


@pytest.mark.usefixtures("fine")
@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_lost_is_cured_alike_by_command_api_and_page(
    syncd: Syncd, pagerduty: Simulator, console: httpx.Client, number: int
) -> None:
    broken(pagerduty, number)
    _cured_alike(syncd, console, f"PAG-{number}-B")


@pytest.mark.usefixtures("by_oauth")
@pytest.mark.parametrize("number", [number for number in WITHHELD if number != 101])
def test_so_is_what_was_missing_from_the_first(
    syncd: Syncd, pagerduty: Simulator, console: httpx.Client, number: int
) -> None:
    broken(pagerduty, number)
    _cured_alike(syncd, console, f"PAG-{number}-A")


def _cured_alike(syncd: Syncd, console: httpx.Client, code: str) -> None:
    cure = CATALOGUE[code].cured("acme", is_by_oauth=True)
    (line,) = [one for one in syncd("doctor", "acme", "--all", "-o", "json").json if one["code"] == code]
    (kept,) = [one for one in console.get("/v1/integrations/acme/checks").json()["checks"] if one["code"] == code]
    assert (line["cure"], kept["cure"], kept["finding"]) == (cure, cure, line["finding"])
    page = squeezed(console.get("/integrations/acme").text)
    assert squeezed(f"{line['finding']}{cure}{code}") in page
    assert CATALOGUE[code].cure == CATALOGUE[code].cure_by_oauth or squeezed(CATALOGUE[code].cure) not in page


@pytest.mark.usefixtures("fine")
def test_what_is_not_accepted_any_more_is_agreed_to_anew(
    syncd: Syncd, pagerduty: Simulator, checks: Callable[[], dict[str, dict[str, str]]]
) -> None:
    pagerduty.oauth.clients.clear()
    for token in tokens(pagerduty):
        pagerduty.oauth.revoke(token)
    entry = CATALOGUE["PAG-100-B"]
    cure = entry.cured("acme", is_by_oauth=True)
    assert AUTHORISE in cure
    assert "rotate" not in cure
    tested = syncd("integrations", "test", "acme")
    assert (tested.code, tested.err.startswith("syncd: PAG-100-B: "), tested.err.endswith(f" {cure}\n")) == (
        2,
        True,
        True,
    )
    (line,) = [one for one in syncd("doctor", "acme", "-o", "json").json if one["code"] == "PAG-100-B"]
    assert (line["state"], line["cure"], line["finding"].startswith(entry.cause.rstrip("."))) == ("FAIL", cure, True)
    assert checks()["key"]["cure"] == cure
    assert f"→ {cure}  [PAG-100-B]" in syncd("doctor", "acme", "-o", "table").out
    found = syncd("status", "-o", "json").json["findings"]
    assert [one["remedy"] for one in found if "(PAG-100-B)" in one["what"]] != []
    assert not any("integrations rotate" in one["remedy"] for one in found)
    assert syncd("explain", "PAG-100-B", "-o", "json").json["cure_by_oauth"] == entry.cure_by_oauth


@pytest.mark.usefixtures("fine")
def test_what_it_may_not_ask_for_any_more_is_told_with_the_scope_and_where_to_agree(
    syncd: Syncd, pagerduty: Simulator, checks: Callable[[], dict[str, dict[str, str]]]
) -> None:
    for token in tokens(pagerduty):
        pagerduty.people.withhold(token, Withheld("/log_entries"))
    (line,) = [one for one in syncd("doctor", "acme", "-o", "json").json if one["code"] == "PAG-106-B"]
    assert "Give the application the scope incidents.read" in line["cure"]
    assert AUTHORISE in line["cure"]
    assert checks()["log_entries"]["cure"] == line["cure"]
    (found,) = [one for one in syncd("status", "-o", "json").json["findings"] if "PAG-106-B" in one["what"]]
    assert found["remedy"] == line["cure"]
    assert line["cure"] in syncd("integrations", "test", "acme", "-o", "json").json["mind"]


def test_whatever_needs_another_key_or_user_has_a_cure_by_oauth() -> None:
    assert len([entry for entry in PAGERDUTY if entry.cure_by_oauth]) == 14
    for entry in (*PAGERDUTY, *OURS):
        if entry.code not in WITHOUT_OAUTH and ("rotate NAME" in entry.cure or "set NAME --email" in entry.cure):
            assert "integrations authorise NAME`" in entry.cure_by_oauth, entry.code
        assert "integrations rotate" not in entry.cure_by_oauth, entry.code


def test_a_code_that_helps_alike_says_it_once(syncd: Syncd) -> None:
    assert "cure_by_oauth" not in syncd("explain", "SYN-PAG-CLOCK", "-o", "json").json


@pytest.mark.usefixtures("by_oauth")
def test_one_that_answers_again_is_not_told_to_rotate_a_key_it_has_not(syncd: Syncd, store: Database) -> None:
    with store.write() as tx:
        now = store.now(tx)
        integrations.disconnect(tx, "acme", code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    told = syncd("integrations", "test", "acme", "-o", "json").json
    assert told["state"].startswith("still disconnected; a worker asks it again within")
    assert "rotate" not in told["state"]


@pytest.mark.usefixtures("by_oauth")
@pytest.mark.parametrize("reason", [Reason.SUBSCRIPTION_DISABLED, Reason.SUBSCRIPTION_DIFFERS])
def test_nor_where_its_webhook_cannot_be_mended(store: Database, reason: Reason) -> None:
    seen = Seen([("acme", Trouble(reason, "S1", "It is disabled.", NOON))], [], [])
    with store.read() as tx:
        (by_oauth,) = findings(seen, [integrations.all_of(tx)["acme"]])
    (by_key,) = findings(seen)
    assert "an application that may: `syncd integrations authorise acme`" in by_oauth.remedy
    assert "a key that may: `syncd integrations rotate acme`" in by_key.remedy
