"""Each of the sixteen codes, made by breaking a running PagerDuty, and told alike by the command line, over HTTP and by `explain`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.core.api_codes import API_CODES
from syncd.core.code import Entry
from syncd.core.diagnostics import CATALOGUE
from syncd.core.pagerduty_codes import PAGERDUTY
from syncd.simulator import BOT_EMAIL, KEYS, Simulator, serve
from syncd.simulator.account import Withheld
from syncd.store import connection_log, probes
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.cli.conftest import SECRET, TOKEN, Syncd
from tests.parts.loopback import LOOPBACK

ROOT = Path(__file__).parents[2]
Break = Callable[[Simulator], None]


def withheld(path: str) -> Break:
    return lambda sim: sim.people.withhold(KEYS.full, Withheld(path))


def everybody_leaves(sim: Simulator) -> None:
    for user in list(sim.account.users):
        sim.people.deactivate(user)


BREAKS: dict[int, Break] = {
    100: lambda sim: sim.people.revoke(KEYS.full),
    101: withheld("/users"),
    102: everybody_leaves,
    104: withheld("/users/*/oauth_delegations"),
    105: withheld("/audit/records"),
    106: withheld("/log_entries"),
    107: withheld("/licenses"),
    108: withheld("/license_allocations"),
}
NEEDED = {100, 101, 102, 106}
WITHOUT = [100, 101, 102]  # no account is connected
MOMENTS = [(number, moment) for number in BREAKS for moment in "AB"]


@pytest.fixture
def api(store: Database) -> Iterator[httpx.Client]:
    connections = Connections(store, Vault(generate_key()), Clock(), outgoing=LOOPBACK)
    parts = Parts(store, Cases(store, site="http://syncd.test"), connections, lambda _: None, Clock(), TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with serve(create(parts)) as url, httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        yield client


def test_the_codes_are_the_sixteen() -> None:
    assert [entry.code for entry in PAGERDUTY] == [f"PAG-{number}-{moment}" for number, moment in MOMENTS]
    for entry in CATALOGUE.values():
        assert all((entry.about, entry.cause.endswith("."), entry.cure.endswith("."), entry.who)), entry.code


@pytest.mark.parametrize("number", BREAKS)
def test_what_is_lost_later_is_told_alike_everywhere(
    syncd: Syncd, acme: None, pagerduty: Simulator, api: httpx.Client, number: int
) -> None:
    assert {line["state"] for line in syncd("doctor", "acme", "--all", "-o", "json").json[:7]} == {"ok"}
    BREAKS[number](pagerduty)
    kept = _told_alike(syncd, api, number, "B")
    assert kept["worked_at"] is not None


@pytest.mark.parametrize("number", [number for number in BREAKS if number not in WITHOUT])
def test_what_was_missing_from_the_first_is_told_alike_everywhere(
    syncd: Syncd,
    pagerduty: Simulator,
    adding: tuple[str, ...],
    api: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    BREAKS[number](pagerduty)
    monkeypatch.setenv(SECRET, KEYS.full)
    assert syncd(*adding).code == 0
    kept = _told_alike(syncd, api, number, "A")
    assert kept["worked_at"] is None


@pytest.mark.parametrize("number", WITHOUT)
def test_what_no_account_is_connected_without_is_told_alike_by_command_and_api(
    syncd: Syncd,
    pagerduty: Simulator,
    adding: tuple[str, ...],
    api: httpx.Client,
    store: Database,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
) -> None:
    BREAKS[number](pagerduty)
    monkeypatch.setenv(SECRET, KEYS.full)
    ended, entry = syncd(*adding), CATALOGUE[f"PAG-{number}-A"]
    assert ended.code == 2
    assert ended.err.startswith(f"syncd: {entry.code}: {entry.cause.rstrip('.')}")
    assert ended.err.endswith(f" {entry.cured('acme')}\n")
    who = {"by": "Ana", "email": BOT_EMAIL, "secret": KEYS.full, "consent": True, "two_way": True}
    posted = api.post("/v1/integrations", json={**who, "name": "acme", "where": pagerduty.account.api_url})
    assert (posted.status_code, f"syncd: {posted.json()['detail']}\n") == (422, ended.err)
    assert posted.json()["code"] == entry.code
    newest, *_, before = [one for one in api.get("/v1/integrations/acme/log").json()["log"] if one["kind"] == "failed"]
    assert newest["code"] == before["code"] == entry.code
    assert newest["detail"] == before["detail"] == posted.json()["detail"].removeprefix(f"{entry.code}: ")
    assert api.get("/v1/integrations/acme/checks").status_code == 404
    with store.read() as tx:
        assert probes.of(tx, "acme") == {}, "nothing was stored"
    _explained_alike(syncd, api, entry)


def _told_alike(syncd: Syncd, api: httpx.Client, number: int, moment: str) -> dict[str, Any]:
    """By `syncd doctor` and the API; as the API has it."""
    ended = syncd("doctor", "acme", "--all", "-o", "json")
    code = f"PAG-{number}-{moment}"
    told = {line["code"]: line for line in ended.json}
    assert {one for one in told if one.startswith("PAG-")} == {code}, "one cause, one code"
    line, entry = told[code], CATALOGUE[code]
    assert (line["state"], ended.code) == (("FAIL", 1) if number in NEEDED else ("warn", ended.code))
    assert line["finding"].startswith(entry.cause.rstrip("."))
    assert (line["cure"], line["who"]) == (entry.cure.replace("NAME", "acme"), entry.who)
    found = {one["check"]: one for one in api.get("/v1/integrations/acme/checks").json()["checks"]}
    kept: dict[str, Any] = found[line["check"]]
    assert {name: kept[name] for name in line} == line
    for_people = syncd("doctor", "acme", "--all", "-o", "table").out
    assert f"{line['finding']}  → {line['cure']}  [{code}]" in for_people
    _explained_alike(syncd, api, entry)
    return kept


def _explained_alike(syncd: Syncd, api: httpx.Client, entry: Entry) -> None:
    """By `syncd explain`, the API, the page of all codes, and README's table."""
    explained = syncd("explain", entry.code, "-o", "json").json
    assert explained == next(one for one in api.get("/v1/codes").json()["codes"] if one["code"] == entry.code)
    assert (explained["cause"], explained["cure"]) == (entry.cause, entry.cure)
    page = (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8")
    assert f"| `{entry.code}` | {entry.about} | {entry.cause} | {entry.cure} | {entry.who} |" in page
    assert f"| `{entry.code}` | {entry.cause} |" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_an_account_is_connected_without_what_sync_can_do_without(
    syncd: Syncd, pagerduty: Simulator, adding: tuple[str, ...], store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    BREAKS[106](pagerduty)
    monkeypatch.setenv(SECRET, KEYS.full)
    ended = syncd(*adding)
    assert ended.code == 0
    assert "Mind: PAG-106-A: " in ended.err
    with store.read() as tx:
        newest = connection_log.listing(tx, "acme")[0]
        assert (newest.kind, newest.code) == ("errored", "PAG-106-A")
    (found,) = [one["what"] for one in syncd("status", "-o", "json").json["findings"] if "PAG-" in one["what"]]
    assert found.endswith("(PAG-106-A)")


def test_a_plan_without_it_is_no_failure_and_scopes_are_named(syncd: Syncd, acme: None, pagerduty: Simulator) -> None:
    pagerduty.people.withhold(KEYS.full, Withheld("/audit/records", 402))
    pagerduty.people.withhold(KEYS.full, Withheld("/licenses", 403, "licenses.read", "incidents.read"))
    pagerduty.people.withhold(KEYS.full, Withheld("/license_allocations", 404))
    told = {line["check"]: line for line in syncd("doctor", "acme", "--all", "-o", "json").json}
    assert (told["audit"]["state"], told["audit"]["code"]) == ("not on your plan", "")
    assert told["licences"]["state"] == "warn"
    assert "required scopes: licenses.read, token scopes: incidents.read" in told["licences"]["finding"]
    assert told["licence_allocations"]["code"] == "SYN-PAG-MISSING"
    assert "answered 404" in told["licence_allocations"]["finding"]
    assert "who has which licence cannot be read" in told["licence_allocations"]["finding"]


def test_what_nothing_here_uses_is_not_asked_for_and_never_fails(
    syncd: Syncd, acme: None, pagerduty: Simulator
) -> None:
    for number in (104, 105, 107, 108):
        BREAKS[number](pagerduty)
    lines = syncd("doctor", "acme", "-o", "json").json
    assert [line["check"] for line in lines if line["state"] == "not needed"] == [
        "sessions",
        "audit",
        "licences",
        "licence_allocations",
        "sight",
    ]
    asked = [one.target for one in pagerduty.journal.requests]
    assert not re.search("licen|audit|delegations", " ".join(asked))
    ended = syncd("doctor", "acme", "--all", "-o", "json")
    assert ended.code == 0, ended.out
    assert sum(line["state"] == "warn" and line["code"].startswith("PAG-") for line in ended.json) == 4


def test_explain_lists_all_and_knows_no_other(syncd: Syncd) -> None:
    assert [one["code"] for one in syncd("explain", "-o", "json").json] == [*CATALOGUE, *API_CODES]
    assert syncd("explain", "pag-101-a", "-o", "json").json["code"] == "PAG-101-A"
    unknown = syncd("explain", "PAG-103-A")
    assert unknown.code == 4
    assert "There is no PAG-103: PagerDuty's codes go from 102 to 104" in unknown.err
    assert "There is no code PAG-109-A; did you mean PAG-1" in syncd("explain", "PAG-109-A").err


def test_strangers_and_other_accounts_are_told_nothing(api: httpx.Client, acme: None) -> None:
    assert api.get("/v1/integrations/nobody/checks").status_code == 404
    assert api.get("/v1/integrations/cases/checks").json() == {"checks": []}
    with httpx.Client(base_url=api.base_url, trust_env=False) as stranger:
        assert [stranger.get(path).status_code for path in ("/v1/codes", "/v1/integrations/acme/checks")] == [401] * 2


def test_the_sender_is_told_by_its_own_code(syncd: Syncd, acme: None, pagerduty: Simulator) -> None:
    pagerduty.people.set_role(BOT_EMAIL, "observer")
    (line,) = [one for one in syncd("doctor", "acme", "-o", "json").json if one["state"] == "FAIL"]
    assert (line["check"], line["code"]) == ("From user", "SYN-PAG-SENDER")
