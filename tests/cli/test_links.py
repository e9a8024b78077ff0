"""`syncd links pause` and `resume`, here and on a daemon elsewhere."""

from __future__ import annotations

import pytest

from .conftest import Syncd


@pytest.mark.usefixtures("link")
@pytest.mark.parametrize("reference", ["1", "CS-1", "Q1"])
def test_a_link_is_paused_by_any_of_its_names(syncd: Syncd, reference: str) -> None:
    paused = syncd("links", "pause", reference, "--by", "Ana", "--why", "maintenance").json
    assert (paused["is_paused"], paused["pause_reason"]) == (True, "Paused by Ana: maintenance")
    assert {**syncd("links", "show", "1").json, "changed": True} == paused
    assert not syncd("links", "resume", reference, "--by", "Ana").json["is_paused"]


@pytest.mark.usefixtures("link")
def test_who_says_it_twice_is_told_that_it_was_so_already(syncd: Syncd) -> None:
    for act in ("pause", "resume"):
        assert syncd("links", act, "CS-1", "--by", "Ana").err == ""
        again = syncd("links", act, "CS-1", "--by", "Ana")
        assert (again.code, again.err, again.json["changed"]) == (0, "Link 1 was so already.\n", False)
    syncd("links", "pause", "CS-1", "--by", "Ana")
    assert syncd("links", "pause", "CS-1", "--by", "Ana", "--why", "maintenance").err == "", "the reason is new"


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
    assert syncd("links", "pause", "CS-1").json["pause_reason"] == "Paused by ben."


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
