"""`syncd doctor`: one line for each thing, with its code; one that fails stops no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.shared import SharedBudget
from syncd.embedded.address import told
from syncd.simulator import BOT_EMAIL, KEYS, Fault, Simulator
from syncd.simulator.account import User
from syncd.store import authors
from syncd.store.authors import KeptAuthor
from syncd.store.database import Database

from .conftest import Syncd


def lines(syncd: Syncd, *words: str) -> dict[str, dict[str, str]]:
    return {row["check"]: row for row in syncd("doctor", *words, "-o", "json").json}


@pytest.fixture
def connected(syncd: Syncd, acme: None) -> Syncd:
    assert syncd("connectors", "add", "checkout", "--integration", "acme", "--service", "Checkout").code == 0
    return syncd


def test_what_is_in_order_is_a_line_each(connected: Syncd, pagerduty: Simulator) -> None:
    before = len(pagerduty.journal.requests)
    found = lines(connected, "acme")
    asked = list(pagerduty.journal.requests)[before:]
    assert {one.method for one in asked} == {"GET"}, "nothing is written without --write-probe"
    for check in ("key", "users", "clock", "From user", "priorities", "connector checkout"):
        assert found[check]["mark"] == "ok", check
    assert all(line["finding"] for line in found.values())
    assert found["webhook"]["mark"] == "warn", "it is polled instead"
    assert found["webhook"]["code"] == "SYN-HOOK-NONE"


def test_a_write_is_tried_only_when_it_is_asked_for(connected: Syncd, pagerduty: Simulator) -> None:
    assert "write probe" not in lines(connected, "acme")
    assert lines(connected, "acme", "--write-probe")["write probe"]["mark"] == "ok"
    pagerduty.account.keys[KEYS.full].kind = "read_only"
    found = lines(connected, "acme", "--write-probe")["write probe"]
    assert (found["mark"], found["code"]) == ("FAIL", "SYN-PAG-READONLY")
    assert pagerduty.account.incidents == {}
    rows = [row for row in connected("actions", "list", "-o", "json").json if "doctor" in row["act"]]
    assert [(row["act"], row["named"]["integration"], row["outcome"]) for row in rows] == [
        ("syncd doctor --write-probe", "acme", "done")
    ] * 2


def test_each_thing_that_is_wrong_has_its_own_line_and_code(connected: Syncd, pagerduty: Simulator) -> None:
    bot = pagerduty.people.who(BOT_EMAIL)
    pagerduty.account.users[bot.id] = User(bot.id, bot.name, bot.email, "observer")
    gone = next(one for one in pagerduty.account.services.values() if one.name == "Checkout")
    del pagerduty.account.services[gone.id]
    pagerduty.switches.has_priorities = False
    found = lines(connected, "acme")
    assert (found["From user"]["mark"], found["From user"]["code"]) == ("FAIL", "SYN-PAG-SENDER")
    assert (found["priorities"]["mark"], found["priorities"]["code"]) == ("warn", "SYN-PAG-PRIORITIES")
    assert (found["connector checkout"]["mark"], found["connector checkout"]["code"]) == ("FAIL", "SYN-PAG-SERVICE")


def test_everything_is_checked_for_people_too(connected: Syncd) -> None:
    assert [one["check"] for one in connected("doctor", "--json", "-o", "table").json] == [
        one["check"] for one in connected("doctor", "-o", "json").json
    ]
    ended = connected("doctor", "-o", "table")
    assert ended.code == 1
    assert "config" in ended.out
    assert "database  It answers, takes writes, and has this release's schema." in ended.out
    assert "acme: webhook" in ended.out
    assert "[SYN-HOOK-NONE]" in ended.out


def test_a_budget_that_is_used_up_is_a_line_that_says_when_to_ask_again(
    connected: Syncd, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_PAGERDUTY_REQUESTS", "4")  # Half of a burst of four is for people who wait.
    before = len(pagerduty.journal.requests)
    ended = connected("doctor", "acme", "-o", "json")
    assert len(pagerduty.journal.requests) - before == 2
    assert ended.code == 0, "nothing was found wrong"
    put_off = [line for line in ended.json if line["code"] == "SYN-PAG-BUSY"]
    assert {line["check"] for line in put_off} >= {"log_entries", "clock", "From user", "priorities"}
    for line in put_off:
        assert line["mark"] == "warn"
        assert re.search(r"The request budget of PagerDuty is spent, .*[,;] try again in \d+ s", line["finding"]), line
    ended = connected("integrations", "test", "acme")
    assert ended.code == 3
    assert re.search(r"request budget of PagerDuty is spent, .*; try again in \d+ s\.\n$", ended.err)


def test_a_budget_that_sync_has_used_up_is_not_overdrawn(
    connected: Syncd, pagerduty: Simulator, redis_url: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNCD_REDIS_URL", redis_url)
    sync = SharedBudget(redis_url)
    assert sync.take(Allowance("acme"), Lane.STATUS, 160) == 0.0
    before = len(pagerduty.journal.requests)
    found = lines(connected, "acme")
    monkeypatch.delenv("SYNCD_REDIS_URL")
    with told(home, redis_url):
        beside_up = lines(connected, "acme")
    for it in (found, beside_up):
        assert (it["key"]["code"], it["key"]["state"]) == ("SYN-PAG-BUSY", "unknown")
    assert len(pagerduty.journal.requests) == before
    sync.close()


def test_an_account_that_is_not_there_is_said(syncd: Syncd) -> None:
    ended = syncd("doctor", "nobody")
    assert ended.code == 4
    assert "There is no integration called nobody" in ended.err


def test_how_many_people_could_be_acted_as_is_a_line(connected: Syncd, store: Database) -> None:
    assert "act as person" not in lines(connected, "acme")
    connected("integrations", "set", "acme", "--act-as-person", "on")
    assert lines(connected, "acme")["act as person"]["mark"] == "ok"
    with store.write() as tx:
        now = store.now(tx)
        authors.keep(tx, "acme", KeptAuthor("ana@example.com", "U1", "ana@example.com", "Ana", "", now, now))
        nobody = "PagerDuty shows no user with the address zoe@example.com"
        authors.keep(tx, "acme", KeptAuthor("zoe@example.com", "", "", "", nobody, now, now))
    found = lines(connected, "acme")["act as person"]
    assert (found["mark"], found["code"]) == ("warn", "SYN-PAG-PEOPLE")
    assert "1 of 2 people" in found["finding"]
    assert "zoe@example.com" in found["finding"]


def test_an_account_that_nothing_gets_through_to_is_a_finding_and_what_was_not_asked_is_said(
    connected: Syncd, pagerduty: Simulator
) -> None:
    pagerduty.faults.lay(Fault(status=503, count=0))
    ended = connected("doctor", "acme", "-o", "json")
    found = {one["check"]: one for one in ended.json}
    assert (ended.code, found["key"]["mark"], found["key"]["code"]) == (1, "FAIL", "SYN-PAG-TROUBLE")
    assert "priorities and services were not asked" in found["all else"]["finding"]
    with_nothing = connected("status", "-o", "json").json
    assert "SYN-PAG-TROUBLE" not in str(with_nothing), "it says nothing against the key"
