"""On which terms an account is connected, and what its history says of that."""

from __future__ import annotations

import pytest

from syncd.simulator import KEYS, Simulator
from syncd.store import integrations
from syncd.store.database import Database
from tests.cli.conftest import SECRET, Syncd

Adding = tuple[str, ...]


def kept(store: Database, name: str = "acme") -> integrations.Integration | None:
    with store.read() as tx:
        return integrations.get(tx, name)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, KEYS.full)


def _without(adding: Adding, *words: str) -> Adding:
    return tuple(word for word in adding if word not in words)


def test_nothing_is_asked_of_an_account_before_somebody_consents(
    syncd: Syncd, adding: Adding, store: Database, pagerduty: Simulator
) -> None:
    ended = syncd(*_without(adding, "--consent"))
    assert ended.code == 2
    assert ended.err.startswith("syncd: Nobody has consented to data processing: syncd reads the incidents")
    assert ended.err.endswith("Say so by --consent.\n")
    assert kept(store) is None
    assert pagerduty.journal.requests == []


def test_who_consented_and_when_is_kept(syncd: Syncd, adding: Adding, store: Database) -> None:
    assert syncd(*adding, "--by", "Ana Lima").code == 0
    found = kept(store)
    assert found is not None
    assert (found.consented_by, found.consented_at) == ("Ana Lima", found.created_at)
    (row,) = [row for row in syncd("integrations", "list").json if row["name"] == "acme"]
    assert (row["consented_by"], row["account"], row["is_two_way"]) == ("Ana Lima", "simulated.pagerduty.com", True)


@pytest.mark.parametrize(("words", "is_two_way"), [((), False), (("--one-way",), False), (("--two-way",), True)])
def test_two_way_sync_is_opted_into(
    syncd: Syncd, adding: Adding, store: Database, words: Adding, *, is_two_way: bool
) -> None:
    ended = syncd(*_without(adding, "--two-way"), *words)
    found = kept(store)
    assert found is not None
    assert found.is_two_way is is_two_way
    assert ("syncd integrations two-way acme on" in ended.out) is not is_two_way


def test_a_key_that_may_only_read_is_taken_when_only_reading_is_asked_for(
    syncd: Syncd, adding: Adding, store: Database, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, KEYS.read_only)
    refused = syncd(*adding)
    assert refused.code == 2
    assert refused.err.endswith("or let the account only be read: --read-only.\n")
    before = len(pagerduty.journal.requests)
    ended = syncd(*adding, "--read-only")
    assert ended.code == 0
    assert "key: account (only reading); writes as nobody;" in ended.out
    assert {one.method for one in pagerduty.journal.requests[before:]} == {"GET"}, (
        "not even a write that changes nothing"
    )
    assert "no incident is opened or changed by syncd" in ended.err
    found = kept(store)
    assert found is not None
    assert found.is_read_only
    assert syncd("integrations", "test", "acme", "-o", "json").json["key"] == "account (only reading)"


def test_nobody_is_named_where_nobody_has_to_be(
    syncd: Syncd, adding: Adding, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = adding.index("--email")
    nameless = (*adding[:at], *adding[at + 2 :])
    assert "name one of PagerDuty's by --email" in syncd(*nameless).err
    assert kept(store) is None
    monkeypatch.setenv(SECRET, KEYS.read_only)
    assert syncd(*nameless, "--read-only").code == 0
    assert syncd("integrations", "remove", "acme", "--yes").code == 0
    monkeypatch.setenv(SECRET, KEYS.user)
    assert "writes as ana.lima@example.com" in syncd(*nameless).out, "it is the key's owner"


def test_reading_only_is_ended_by_a_command(syncd: Syncd, adding: Adding, store: Database) -> None:
    assert syncd(*adding, "--read-only").code == 0
    assert syncd("integrations", "set", "acme", "--read-only", "maybe").err.endswith("it is on or off.\n")
    ended = syncd("integrations", "set", "acme", "--read-only", "off")
    assert ended.out.startswith("acme is written to from now on.")
    found = kept(store)
    assert found is not None
    assert not found.is_read_only
    again = syncd("integrations", "set", "acme", "--read-only", "off")
    assert again.out == "acme is written to already, and nothing was changed.\n"


def test_one_account_is_connected_once(syncd: Syncd, adding: Adding, store: Database) -> None:
    assert syncd(*adding).code == 0
    again = tuple("again" if word == "acme" else word for word in adding)
    ended = syncd(*again)
    assert ended.code == 2
    assert "simulated.pagerduty.com is connected already, as acme; use that one, or remove it first" in ended.err
    assert kept(store, "again") is None


def test_an_account_that_an_earlier_release_added_tells_which_it_is_when_it_is_tested(
    syncd: Syncd, adding: Adding, store: Database
) -> None:
    assert syncd(*adding).code == 0
    with store.write() as tx:
        integrations.learn_host(tx, "acme", "")
    assert syncd("integrations", "test", "acme").code == 0
    found = kept(store)
    assert found is not None
    assert found.account_host == "simulated.pagerduty.com"


def test_the_history_tells_who_did_what(
    syncd: Syncd, adding: Adding, pagerduty: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "u+wrongkey0000000000")
    assert syncd(*adding, "--by", "Ben").code == 2
    monkeypatch.setenv(SECRET, KEYS.full)
    assert syncd(*adding, "--by", "Ana").code == 0
    assert syncd("integrations", "rotate", "acme", "--by", "Ben").code == 0
    assert syncd("integrations", "pause", "acme", "--why", "Upgrade", "--by", "Ana").code == 0
    rows = syncd("integrations", "log", "acme").json
    assert [(row["kind"], row["by"]) for row in reversed(rows)] == [
        ("initiated", "Ben"),
        ("failed", "Ben"),
        ("initiated", "Ana"),
        ("connected", "Ana"),
        ("reinitiated", "Ben"),
        ("updated", "Ben"),
        ("updated", "Ana"),
    ]
    assert "answered 401" in rows[-2]["detail"]
    assert rows[0]["detail"] == "Paused: Upgrade"
    assert KEYS.full not in str(rows)
    page = syncd("integrations", "log", "--before", str(rows[1]["id"]), "--limit", "2").json
    assert page == rows[2:4]
    assert syncd("integrations", "log", "nobody").code == 4


def test_a_key_of_another_account_is_refused(
    syncd: Syncd, adding: Adding, pagerduty: Simulator, store: Database
) -> None:
    assert syncd(*adding).code == 0
    with store.write() as tx:
        integrations.learn_host(tx, "acme", "acme.pagerduty.com")
    ended = syncd("integrations", "rotate", "acme")
    assert ended.code == 2
    assert "This key is of simulated.pagerduty.com, and acme is acme.pagerduty.com" in ended.err
    assert syncd("integrations", "log", "acme").json[0]["kind"] == "failed"
