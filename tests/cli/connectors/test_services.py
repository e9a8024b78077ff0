"""`syncd connectors services`: which services a connector may reach is one of its account's matters, and never its default one's."""

from __future__ import annotations

import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from syncd.clock import Clock
from syncd.core.permissions import Role
from syncd.simulator import KEYS, Simulator
from syncd.store.database import Database
from tests.cli.conftest import Syncd
from tests.console.access import token
from tests.store.payments import add_payments

ADD = ("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout")


def number(pagerduty: Simulator, name: str) -> str:
    return next(one.id for one in pagerduty.account.services.values() if one.name == name)


def listed(syncd: Syncd, name: str = "checkout") -> list[tuple[str, bool]]:
    return [(row["service"], row["default"]) for row in syncd("connectors", "services", name, "-o", "json").json]


def last_row(syncd: Syncd) -> str:
    return str(syncd("deliveries", "list").json[0]["detail"])


def test_a_connector_is_made_with_the_services_a_case_may_ask_for(
    syncd: Syncd, acme: None, pagerduty: Simulator
) -> None:
    made = syncd(*ADD, "--also", "Payments", "--also", number(pagerduty, "Checkout"))
    assert made.out.endswith(
        "checkout opens incidents on Checkout for cases. A case may ask for Payments in its place.\n"
    )
    assert listed(syncd) == [("Checkout", True), ("Payments", False)]
    (row,) = syncd("connectors", "list").json
    assert (row["service"], row["also"]) == ("Checkout", ["Payments"])


def test_a_service_the_account_does_not_have_makes_no_connector(syncd: Syncd, acme: None) -> None:
    refused = syncd(*ADD, "--also", "Shop")
    assert (refused.code, "no service Shop; it has" in refused.err) == (4, True)
    assert syncd("connectors", "list").json == []


def test_services_are_added_and_removed_by_id_or_name_and_a_row_says_by_whom(
    syncd: Syncd, acme: None, pagerduty: Simulator
) -> None:
    syncd(*ADD)
    assert listed(syncd) == [("Checkout", True)]
    payments = number(pagerduty, "Payments")
    assert syncd("connectors", "services", "checkout", "--add", payments, "--by", "Ana").json[1] == {
        "id": payments,
        "service": "Payments",
        "default": False,
    }
    assert last_row(syncd) == (
        "Ana changed the services of connector checkout from Checkout (default) to Checkout (default), Payments."
    )
    assert syncd("connectors", "services", "checkout", "--add", "Payments").code == 0
    assert len(syncd("deliveries", "list").json) == 1, "it was so already"
    del pagerduty.account.services[payments]
    assert syncd("connectors", "services", "checkout", "--remove", "payments").code == 0, "also one that is gone"
    assert listed(syncd) == [("Checkout", True)]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--remove", "Checkout"), 2, "the default service of connector checkout, which has to have one"),
        (("--remove", "Shop"), 4, "does not reach a service Shop; it reaches Checkout"),
        (("--add", "Shop"), 4, "no service Shop; it has"),
        (("--add", "Payments", "--remove", "Checkout"), 2, "the default service"),
    ],
)
def test_what_cannot_be_changes_nothing(syncd: Syncd, acme: None, words: tuple[str, ...], code: int, says: str) -> None:
    syncd(*ADD)
    refused = syncd("connectors", "services", "checkout", *words)
    assert (refused.code, refused.out, says in refused.err) == (code, "", True), refused.err
    assert listed(syncd) == [("Checkout", True)]
    assert syncd("deliveries", "list").json == []


def test_a_service_key_reaches_one_and_refuses(
    syncd: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_SECRET", KEYS.payments)
    pager = ("connectors", "add", "pager", "--path", "service_key", "--service-name", "Payments")
    where = ("--where", pagerduty.account.api_url)
    assert "--also means nothing with --path service_key" in syncd(*pager, *where, "--also", "Checkout").err
    assert syncd(*pager, *where).code == 0
    assert listed(syncd, "pager") == [("Payments", True)]
    refused = syncd("connectors", "services", "pager", "--add", "Checkout")
    assert (refused.code, "which reaches exactly one service" in refused.err) == (2, True)
    assert syncd("connectors", "services", "nobody").code == 4


def test_only_a_change_stands_in_the_action_log(syncd: Syncd, acme: None) -> None:
    syncd(*ADD)
    before = len(syncd("actions", "list").json)
    listed(syncd)
    assert len(syncd("actions", "list").json) == before
    for change in (("--add", "Payments"), ("--remove", "Payments")):
        syncd("connectors", "services", "checkout", *change)
    assert len(syncd("actions", "list").json) == before + 2


@pytest.mark.parametrize("asked", ["Shop of Ana", "$(reboot)"])
def test_whoever_opens_a_case_is_told_at_once_what_adds_the_service(
    syncd: Syncd, acme: None, pagerduty: Simulator, asked: str
) -> None:
    syncd(*ADD)
    some = next(iter(pagerduty.account.services.values()))
    pagerduty.account.services["PSHOP"] = replace(some, id="PSHOP", name=asked)
    opened = syncd("cases", "open", "Slow", "--service", asked)
    assert (opened.code, opened.json[0]["service"]) == (0, asked)
    said = opened.err.splitlines()[1]
    assert "does not reach, so it is opened on the default one, Checkout: " in said
    command = shlex.split(said.split("`")[1])
    assert syncd(*command[1:]).code == 0
    assert syncd("cases", "open", "Slow", "--service", asked).err == "CS-2 is open.\n"
    told = syncd("routes", "explain", "CS-2").json
    assert (told["service"], told["remark"]) == (asked, "")
    looks = syncd("presets", "preview", "--case", "CS-1").json
    assert (looks["service"], looks["remark"]) == (asked, ""), "by what it reaches now"


def test_whoever_may_not_ask_has_opened_the_case_all_the_same(
    syncd: Syncd, elsewhere: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A token for some accounts is told nothing about rules, which are everybody's."""
    db = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'syncd.db'}", Clock())
    add_payments(db)
    monkeypatch.setenv("SYNCD_TOKEN", token(db, Role.OPERATOR, scope=["acme"]))
    monkeypatch.setenv("SYNCD_SERVER", elsewhere)
    opened = syncd("cases", "open", "Slow", "--connector", "payments", "--service", "Till")
    assert (opened.code, opened.json[0]["service"]) == (0, "Till")
    assert opened.err.splitlines()[0] == "CS-1 is open."
    assert opened.err.splitlines()[1].startswith("Whether its connector reaches that service cannot be told here: ")
    monkeypatch.setenv("SYNCD_TOKEN", token(db, Role.OPERATOR, "whole"))
    again = syncd("cases", "open", "Slow", "--connector", "payments", "--service", "Till")
    assert "connector payments does not reach" in again.err
    db.close()


def test_a_renamed_or_a_lost_service_is_told_by_the_doctor(
    syncd: Syncd, acme: None, store: Database, pagerduty: Simulator
) -> None:
    syncd(*ADD, "--also", "Payments")

    def line() -> tuple[str, str]:
        rows = syncd("doctor", "acme", "-o", "json").json
        found = [row for row in rows if row["check"] == "connector checkout"]
        return found[0]["mark"], found[0]["finding"]

    assert line() == ("ok", "Its services Checkout, Payments are there.")
    payments = number(pagerduty, "Payments")
    pagerduty.account.services[payments] = replace(pagerduty.account.services[payments], name="Till")
    mark, finding = line()
    assert (mark, "Payments is called Till in PagerDuty now" in finding) == ("warn", True)
    syncd(*shlex.split(finding.split("`")[1])[1:])
    assert line() == ("ok", "Its services Checkout, Till are there.")
    del pagerduty.account.services[payments]
    assert line() == ("FAIL", "Its service Till is not in the account any more.")
