"""`syncd conflicts list` and `resolve`, here and on a daemon elsewhere, and where else a conflict is seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from syncd.configuration import load
from syncd.connections.master_key import open_vault
from syncd.core.changes import Field, Side
from syncd.core.link import FieldConflict
from syncd.store import connectors, integrations, links
from syncd.store.database import Database
from syncd.store.tables_of_accounts import connectors as senders
from syncd.store.tables_of_accounts import integrations as accounts
from tests.store.ledger import a_link, an_account
from tests.store.payments import add_payments

from .conftest import Syncd

SINCE = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def disputed(store: Database) -> int:
    """Ann said P1 on the case, and Ben SEV3 on the incident."""
    add_payments(store)
    with store.write() as tx:
        connector = next(iter(connectors.all_of(tx).values()))
        if integrations.get(tx, "pagerduty") is None:
            an_account(tx, "pagerduty")
        stored = a_link(tx)
        link = replace(stored.link, connector=connector.name)
        link = link.saw(Side.CASE, Field.PRIORITY, "P1", SINCE).saw(Side.INCIDENT, Field.PRIORITY, "ODD", None)
        conflict = FieldConflict({Side.CASE: "Ann", Side.INCIDENT: "Ben"}, Side.INCIDENT, ("X",), SINCE)
        return links.save(tx, stored, link.in_conflict(Field.PRIORITY, conflict)).id


def test_the_table_names_both_values_and_who_said_them(syncd: Syncd, disputed: int) -> None:
    head, row = syncd("conflicts", "list", "-o", "table").out.splitlines()
    assert head.split() == [
        "LINK",
        "CASE_ID",
        "INCIDENT_ID",
        "FIELD",
        "CASE",
        "CASE_BY",
        "INCIDENT",
        "INCIDENT_BY",
        "SINCE",
    ]
    said = [str(disputed), "C-1", "I-1", "priority", "P1", "Ann", "ODD", "Ben", "2026-11-21", "12:00:00"]
    assert row.split() == said


def test_a_priority_is_shown_to_people_by_its_name_and_to_programs_by_both(
    syncd: Syncd, disputed: int, store: Database
) -> None:
    named = {"case": "P4", "incident": "ODD", "name": "Sev 4"}
    with store.write() as tx:
        tx.execute(update(senders).values(integration="pagerduty", priorities=[named]))
    assert "P1    Ann      Sev 4     Ben" in syncd("conflicts", "list", "-o", "table").out
    for told in (syncd("conflicts", "list").json, syncd("links", "show", "C-1").json["conflicts"]):
        assert [(one["incident"], one["incident_name"]) for one in told] == [("ODD", "Sev 4")]
    assert disputed


def test_programs_get_everything(syncd: Syncd, disputed: int) -> None:
    (told,) = syncd("conflicts", "list").json
    assert told["link"] == disputed
    assert (told["case_at"], told["incident_at"]) == ("2026-11-21T12:00:00.000000+00:00", None)
    assert syncd("links", "show", "C-1").json["conflicts"] == [told]
    assert syncd("links", "list").json[0]["is_in_conflict"] is True


def test_status_finds_it(syncd: Syncd, disputed: int) -> None:
    told = syncd("status")
    assert told.code == 1
    assert told.json["links_in_conflict"] == 1
    assert any("syncd conflicts list" in one["remedy"] for one in told.json["findings"])
    assert disputed


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("99", "priority", "--to", "case"), 4, "There is no link 99; see `syncd conflicts list`."),
        (("1", "resolution_note", "--to", "case"), 2, "is in no conflict; see `syncd conflicts list`."),
        (("1", "status", "--to", "case"), 2, "field: use priority or resolution_note"),
        (("1", "priority", "--to", "both"), 2, "to: use case or pagerduty"),
        (("C-9", "--to", "case"), 4, "No conflict is about C-9; `syncd conflicts list` has those that are left"),
        (("C-1", "resolution_note", "--to", "case"), 4, "No conflict is about C-1 resolution_note; `syncd"),
    ],
)
def test_what_cannot_be_decided_is_told(
    syncd: Syncd, disputed: int, words: tuple[str, ...], code: int, sentence: str
) -> None:
    ended = syncd("conflicts", "resolve", *words, "--by", "Eve")
    assert (ended.code, sentence in ended.err) == (code, True), ended.err
    assert disputed == 1
    assert len(syncd("conflicts", "list").json) == 1


def test_without_conflicts_the_list_is_empty_here_and_elsewhere(syncd: Syncd, elsewhere: str) -> None:
    assert syncd("conflicts", "list").json == []
    assert syncd("conflicts", "list", "--server", elsewhere).json == []


def test_a_conflict_elsewhere_is_decided_there(syncd: Syncd, elsewhere: str) -> None:
    ended = syncd("conflicts", "resolve", "7", "priority", "--to", "case", "--server", elsewhere)
    assert (ended.code, ended.err) == (4, "syncd: There is no link 7; see `syncd conflicts list`.\n")


def _also_in_conflict(store: Database, link: int) -> None:
    """Over the resolution note, too, and in systems that can be opened."""
    keys = {"api_key": "k" * 20, "email": "bot@acme.test"}
    sealed = open_vault(load(None), store).seal("integration:pagerduty", keys)
    with store.write() as tx:
        tx.execute(update(accounts).where(accounts.c.side == "case").values(system="cases"))
        is_ours = accounts.c.slug == "pagerduty"
        tx.execute(
            update(accounts)
            .where(is_ours)
            .values(system="pagerduty", sealed=sealed, settings={"email": "bot@acme.test"})
        )
        stored = links.lock_many(tx, [link])[link]
        conflict = FieldConflict({Side.CASE: "Ann"}, Side.INCIDENT, ("X",), SINCE)
        links.save(tx, stored, stored.link.in_conflict(Field.RESOLUTION_NOTE, conflict))


@pytest.mark.parametrize("reference", ["C-1", "I-1", "1"])
def test_the_one_open_item_of_a_case_or_link_need_not_be_named(
    syncd: Syncd, disputed: int, store: Database, reference: str
) -> None:
    _also_in_conflict(store, disputed)
    several = syncd("conflicts", "resolve", reference, "--to", "case")
    named = f"2 conflicts are about {reference}; name one of them: `1 priority`, `1 resolution_note`."
    assert (several.code, named in several.err) == (2, True)
    done = syncd("conflicts", "resolve", reference, "resolution_note", "--to", "case", "--by", "Eve")
    says = "The resolution_note of link 1 is now what the case says; it goes to the other side as any change does.\n"
    assert (done.code, done.out) == (0, says), done.err
    found = syncd("conflicts", "resolve", reference, "--to", "pagerduty", "--by", "Eve")
    assert (found.code, "Priority ODD has no counterpart on the other side" in found.err) == (2, True)
    assert [one["field"] for one in syncd("conflicts", "list").json] == ["priority"]
