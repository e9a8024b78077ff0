"""`syncd links pause` and `resume`, here and on a daemon elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.link import LinkState
from syncd.store import integrations, links
from syncd.store.database import Database
from tests.store.ledger import an_account

from .conftest import Syncd


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("reference", ["1", "CS-1", "Q1"])
def test_a_link_is_paused_by_any_of_its_names(syncd: Syncd, reference: str) -> None:
    paused = syncd("links", "pause", reference, "--by", "Ana", "--why", "maintenance", "-o", "json").json
    assert (paused["is_paused"], paused["pause_reason"]) == (True, "Paused by Ana: maintenance")
    assert paused["paused_at"] is not None
    assert {**syncd("links", "show", "1").json, "changed": True, "says": paused["says"]} == paused
    resumed = syncd("links", "resume", reference, "--by", "Ana", "-o", "json").json
    assert (resumed["is_paused"], resumed["paused_at"]) == (False, None)


@pytest.mark.usefixtures("link")
def test_who_pauses_is_told_in_a_sentence_what_it_holds(syncd: Syncd) -> None:
    paused = syncd("links", "pause", "CS-1", "--by", "Ana")
    assert paused.out == (
        "Link 1 (CS-1, Q1) is paused: on neither side anything is written for it. What changes meanwhile is kept, in its "
        "order, until `syncd links resume 1`.\n"
    )
    resumed = syncd("links", "resume", "CS-1", "--by", "Ana")
    assert resumed.out == "Link 1 (CS-1, Q1) goes on: what was kept goes out in its order.\n"
    assert paused.err == resumed.err == ""


@pytest.mark.usefixtures("link")
def test_who_resumes_is_told_of_an_account_that_is_disconnected(syncd: Syncd, store: Database) -> None:
    with store.write() as tx:
        an_account(tx, "acme")
        now = store.now(tx)
        integrations.disconnect(tx, "acme", code="PAG-100-B", reason="Refused.", now=now, probe_at=now)
    syncd("links", "pause", "CS-1", "--by", "Ana")
    assert syncd("links", "resume", "CS-1", "--by", "Ana").out == (
        "Link 1 (CS-1, Q1) goes on: what was kept goes out in its order, but acme is disconnected (PAG-100-B), and what is for it stays "
        "kept until it is connected again: `syncd integrations test acme` says what is wrong.\n"
    )


@pytest.mark.usefixtures("link")
def test_a_link_that_goes_on_while_its_account_is_paused_says_what_keeps_it(syncd: Syncd, store: Database) -> None:
    with store.write() as tx:
        an_account(tx, "acme")
    syncd("links", "pause", "CS-1", "--by", "Ana")
    syncd("integrations", "pause", "acme", "--by", "Ben", "--why", "a move")
    resumed = syncd("links", "resume", "CS-1", "--by", "Ana")
    assert resumed.out == (
        "Link 1 (CS-1, Q1) is no longer paused by itself; what was kept stays kept, since acme is paused by Ben, until "
        "`syncd integrations resume acme`.\n"
    )


@pytest.mark.usefixtures("link")
def test_whoever_was_first_stands_and_the_second_is_told_so(syncd: Syncd) -> None:
    first = syncd("links", "pause", "CS-1", "--by", "Ana", "--why", "maintenance", "-o", "json").json
    again = syncd("links", "pause", "CS-1", "--by", "Ben", "--why", "no idea")
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("Link 1 (CS-1, Q1) is paused already since 20")
    assert again.out.endswith(" UTC, and nothing was changed. Paused by Ana: maintenance\n")
    shown = syncd("links", "show", "1").json
    assert (shown["paused_at"], shown["pause_reason"]) == (first["paused_at"], "Paused by Ana: maintenance")
    assert syncd("links", "pause", "CS-1", "-o", "json").json["changed"] is False


@pytest.mark.usefixtures("link")
def test_what_was_not_paused_is_not_resumed(syncd: Syncd) -> None:
    ended = syncd("links", "resume", "CS-1", "--by", "Ana")
    assert (ended.code, ended.out) == (0, "Link 1 (CS-1, Q1) was not paused, and nothing was changed.\n")


@pytest.mark.usefixtures("link")
def test_the_paused_links_are_listed_alone(syncd: Syncd) -> None:
    assert syncd("links", "list", "--paused").json == []
    syncd("links", "pause", "CS-1", "--by", "Ana")
    assert [one["case_id"] for one in syncd("links", "list", "--paused", "--state", "open").json] == ["CS-1"]
    syncd("links", "resume", "CS-1", "--by", "Ana")
    assert syncd("links", "list", "--paused").json == []
    assert len(syncd("links", "list").json) == 1


@pytest.mark.usefixtures("link")
def test_who_pauses_is_the_person_at_the_keyboard_if_nobody_is_named(
    syncd: Syncd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "ben")
    assert syncd("links", "pause", "CS-1", "-o", "json").json["pause_reason"] == "Paused by ben."


def test_a_link_that_does_not_exist_is_not_found(syncd: Syncd) -> None:
    missing = syncd("links", "pause", "CS-9", "--by", "Ana")
    assert (missing.code, missing.out) == (4, "")
    assert missing.err == "syncd: No link is about CS-9; see `syncd links list`.\n"


def test_a_link_elsewhere_is_asked_for_there(syncd: Syncd, elsewhere: str) -> None:
    missing = syncd("links", "pause", "CS-9", "--by", "Ana", "--server", elsewhere)
    assert (missing.code, missing.err) == (4, "syncd: No link is about CS-9; see `syncd links list`.\n")


@pytest.mark.usefixtures("link")
def test_a_link_whose_account_is_not_there_cannot_be_compared(syncd: Syncd) -> None:
    ended = syncd("links", "compare", "CS-9")
    assert (ended.code, ended.err) == (4, "syncd: No link is about CS-9; see `syncd links list`.\n")


def test_a_link_elsewhere_is_compared_there(syncd: Syncd, elsewhere: str) -> None:
    ended = syncd("links", "compare", "CS-9", "--server", elsewhere)
    assert (ended.code, ended.err) == (4, "syncd: No link is about CS-9; see `syncd links list`.\n")


def test_a_link_says_why_it_has_no_address(syncd: Syncd, link: int, store: Database) -> None:
    assert syncd("links", "show", str(link)).json["no_address"] == "PagerDuty has told no address of it yet."
    with store.write() as tx:
        stored = links.lock(tx, link)
        links.save(tx, stored, replace(stored.link, incident_id="", state=LinkState.FAILED))
        links.explain(tx, link, "Nobody is on call for the service.")
    (listed,) = syncd("links", "list").json
    assert listed["no_address"] == "Its incident could not be opened. Nobody is on call for the service."
    assert "Nobody is on call for the service." in syncd("links", "list", "-o", "table").out


def test_a_key_of_ours_is_found_however_it_is_written(syncd: Syncd, link: int) -> None:
    syncd("cases", "open", "Checkout is slow")
    (row,) = syncd("links", "list", "--case", "cs-1").json
    assert (row["id"], syncd("links", "list", "--case", "CS-1").json) == (link, [row])
    assert syncd("links", "list", "--case", "cs-2").json == []
