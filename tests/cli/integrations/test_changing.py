"""An account is changed: what is new is checked first, and no stored secret goes to a new address."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from syncd.simulator import KEYS, Simulator, serve, simulator
from syncd.store import integrations
from syncd.store.database import Database
from syncd.store.tables_of_accounts import integrations as table
from tests.cli.conftest import SECRET, Syncd
from tests.parts.ports import free_port

ANA = "ana.lima@example.com"


def kept(store: Database) -> integrations.Integration:
    with store.read() as tx:
        found = integrations.get(tx, "acme")
    assert found is not None
    return found


def test_a_new_address_needs_the_secret_again(
    syncd: Syncd, acme: None, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(store).base_url
    with simulator(seed=6) as other, serve(other.app) as url:
        monkeypatch.setenv(SECRET, "  ")
        assert syncd("integrations", "set", "acme", "--where", url).code == 2
        assert other.journal.requests == []
        assert kept(store).base_url == before
        monkeypatch.setenv(SECRET, KEYS.full)
        ended = syncd("integrations", "set", "acme", "--where", url, "--by", "Ana")
        assert (ended.code, ended.out) == (0, f"acme is asked at {url} from now on.\n")
        assert kept(store).base_url == url
    newest = syncd("integrations", "log", "acme").json[0]
    assert (newest["kind"], newest["by"]) == ("updated", "Ana")
    assert newest["detail"] == f"It is asked at {url} instead of {before}."


def test_an_address_where_nobody_is_changes_nothing(
    syncd: Syncd, acme: None, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, KEYS.full)
    before = kept(store).base_url
    assert syncd("integrations", "set", "acme", "--where", f"http://127.0.0.1:{free_port()}").code == 3
    assert kept(store).base_url == before


def test_our_writes_are_made_as_somebody_else(syncd: Syncd, acme: None, store: Database, pagerduty: Simulator) -> None:
    assert syncd("integrations", "set", "acme", "--email", ANA).code == 0
    assert kept(store).settings["from"] == ANA
    assert syncd("integrations", "set", "acme").code == 2


def test_consent_is_recorded_for_an_account_of_an_earlier_release(syncd: Syncd, acme: None, store: Database) -> None:
    with store.write() as tx:
        tx.execute(update(table).where(table.c.slug == "acme").values(consented_at=None, consented_by=""))
    assert any("Nobody is on record" in one for one in syncd("status", "-o", "json").json["not_known"])
    assert syncd("integrations", "set", "acme", "--consent", "--by", "Ben").out == "acme: consent is recorded.\n"
    assert kept(store).consented_by == "Ben"
    assert syncd("integrations", "set", "acme", "--consent").out == "acme: consent was recorded before.\n"


def test_it_acts_as_the_person_or_not(syncd: Syncd, acme: None, store: Database) -> None:
    ended = syncd("integrations", "set", "acme", "--act-as-person", "on", "--by", "Ana")
    assert ended.code == 0
    assert ended.out.startswith("What people change on cases is written to acme in their own names from now on")
    assert [row["acts_as_person"] for row in syncd("integrations", "list").json if row["name"] == "acme"] == [True]
    again = syncd("integrations", "set", "acme", "--act-as-person", "on")
    assert again.out == "Acting as the person is on already for acme, and nothing was changed.\n"
    assert syncd("integrations", "set", "acme", "--act-as-person", "maybe").code == 2
    assert syncd("integrations", "set", "acme", "--act-as-person", "off").code == 0
    assert not kept(store).acts_as_person
