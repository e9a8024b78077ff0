"""`syncd connectors add --path service_key`: one service by its integration key, checked first and sealed."""

from __future__ import annotations

import pytest

from syncd.simulator import BOT_EMAIL, KEYS, Simulator
from syncd.store import connection_log, integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Ended, Syncd
from tests.parts.terms import FLAGS


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, KEYS.payments)


def add(syncd: Syncd, pagerduty: Simulator, *more: str, name: str = "payments") -> Ended:
    where = ("--where", pagerduty.account.api_url)
    return syncd("connectors", "add", name, "--path", "service_key", "--service-name", "Payments", *where, *more)


def test_it_is_made_together_with_its_account_and_pages_nobody(
    syncd: Syncd, store: Database, pagerduty: Simulator
) -> None:
    made = add(syncd, pagerduty)
    assert (made.code, made.err) == (0, "")
    assert made.out == (
        "P1 = critical\nP2 = error\nP3 = warning\nP4 = info\nP5 = info\n"
        "payments sends events to Payments for cases; nothing comes back from there.\n"
    )
    (row,) = syncd("connectors", "list").json
    assert (row["path"], row["integration"], row["service"]) == ("Service key", "payments", "Payments")
    (account,) = [one for one in syncd("integrations", "list").json if one["name"] == "payments"]
    assert (account["system"], account["kind"]) == ("events", "service key of a connector")
    assert pagerduty.account.incidents == {}
    with store.read() as tx:
        (event,) = connection_log.listing(tx, "payments")
        sealed = integrations.all_of(tx)["payments"].sealed
    assert (event.kind, bool(event.by)) == ("connected", True)
    assert sealed is not None
    assert KEYS.payments.encode() not in sealed


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        (KEYS.full, "20 characters long, as a REST API key is"),
        (f"Token token={KEYS.full}", "20 characters long, as a REST API key is"),
        (KEYS.payments[:-1], "32 letters and digits"),
        ("x" * 32, "Invalid routing key"),
    ],
)
def test_a_key_that_is_none_is_told_at_once_and_nothing_is_stored(
    syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch, secret: str, says: str
) -> None:
    monkeypatch.setenv(SECRET, secret)
    refused = add(syncd, pagerduty)
    assert (refused.code, refused.out) == (2, "")
    assert says in refused.err
    assert secret not in refused.err
    assert syncd("connectors", "list").json == []
    assert [one["name"] for one in syncd("integrations", "list").json] == ["cases"]


def test_an_integration_key_where_a_rest_key_belongs_is_told_at_once(syncd: Syncd, pagerduty: Simulator) -> None:
    where = ("--where", pagerduty.account.api_url)
    refused = syncd("integrations", "add", "acme", "--email", BOT_EMAIL, *where, *FLAGS)
    assert refused.code == 2
    assert "as an Events integration key is" in refused.err
    assert pagerduty.journal.requests == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--integration", "acme"), "--integration means nothing with --path service_key"),
        (("--priority", "P1=awful"), "P1=awful is no priority and its severity"),
        (("--policy", "unacknowledged=ignore"), "unacknowledged means nothing to it"),
        (("--cases", "nobody"), "no case system called nobody"),
        (("--where", "mars"), "no region mars"),
    ],
)
def test_what_cannot_be_is_refused(syncd: Syncd, pagerduty: Simulator, words: tuple[str, ...], says: str) -> None:
    refused = add(syncd, pagerduty, *words)
    assert refused.code in {2, 4}
    assert says in refused.err
    assert syncd("connectors", "list").json == []


def test_options_of_the_one_path_are_refused_with_the_other(syncd: Syncd) -> None:
    told = syncd("connectors", "add", "x", "--integration", "acme", "--service", "S", "--service-name", "P")
    assert (told.code, "--service-name means nothing with --path bidirectional" in told.err) == (2, True)
    assert "bidirectional or service_key" in syncd("connectors", "add", "x", "--path", "both").err
    assert "--service-name is missing" in syncd("connectors", "add", "x", "--path", "service_key").err


def test_its_path_stays_as_it_is(
    syncd: Syncd, acme: None, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, KEYS.payments)
    assert add(syncd, pagerduty).code == 0
    again = syncd("connectors", "add", "payments", "--integration", "acme", "--service", "Payments")
    assert (again.code, "its path stays Service key" in again.err) == (2, True)
    changed = syncd("connectors", "policy", "payments", "path=bidirectional")
    assert (changed.code, "fixed once it is made" in changed.err) == (2, True)
    assert syncd("connectors", "policy", "payments", "case_reopened=note").code == 0
    heard = syncd("connectors", "policy", "payments", "unacknowledged=ignore")
    assert (heard.code, "hears nothing" in heard.err) == (2, True)


def test_a_bidirectional_one_beside_it_is_made_and_cases_go_on_as_they_went(
    syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(syncd, pagerduty)
    monkeypatch.setenv(SECRET, KEYS.full)
    where = ("--where", pagerduty.account.api_url)
    assert syncd("integrations", "add", "acme", "--email", BOT_EMAIL, *where, *FLAGS).code == 0
    made = syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout")
    assert made.code == 0
    assert "Cases that name no connector go on to payments, by the rule everything-else" in made.err
    explained = syncd("cases", "open", "Checkout is slow").code, syncd("routes", "explain", "CS-1").out
    assert explained[0] == 0
    assert "everything-else" in explained[1]
    rows = {row["name"]: row["path"] for row in syncd("connectors", "list").json}
    assert rows == {"checkout": "Bi-directional", "payments": "Service key"}
    account = {row["name"]: row for row in syncd("integrations", "list", "-o", "json").json}
    assert account["payments"]["is_two_way"] is False, "nothing comes back by a service key"


def test_where_rules_decide_none_was_the_default(
    syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(syncd, pagerduty)
    assert syncd("routes", "add", "urgent", "--connector", "payments", "--priority", "P1").code == 0
    monkeypatch.setenv(SECRET, KEYS.full)
    where = ("--where", pagerduty.account.api_url)
    assert syncd("integrations", "add", "acme", "--email", BOT_EMAIL, *where, *FLAGS).code == 0
    made = syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout")
    assert (made.code, "until now" in made.err) == (0, False)


def test_its_key_is_tested_and_replaced_like_any_other(
    syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(syncd, pagerduty)
    assert syncd("integrations", "test", "payments").out == "credential: accepted\nin use: service key …0000\n"
    pagerduty.account.integration_keys.pop(KEYS.payments)
    assert syncd("integrations", "test", "payments").code == 2
    monkeypatch.setenv(SECRET, KEYS.checkout)
    rotated = syncd("integrations", "rotate", "payments")
    assert (rotated.code, "alerts that the old one opened" in rotated.err) == (0, True)
    assert syncd("integrations", "test", "payments").code == 0
    assert "nothing comes back" in syncd("integrations", "webhook", "payments").err


def test_the_types_are_called_as_pickers_call_them(syncd: Syncd) -> None:
    rows = {row["badge"]: row["type"] for row in syncd("connectors", "types").json}
    assert rows == {"Bi-directional": "PagerDuty Incidents", "Service key": "PagerDuty"}
