"""`syncd connectors policy`: what is in force is shown with every word there is, and changed with a row that says by whom."""

from __future__ import annotations

from syncd.store.database import Database
from tests.cli.conftest import Syncd
from tests.store.payments import add_payments


def test_it_is_shown_with_the_words_there_are(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    rows = {row["policy"]: row for row in syncd("connectors", "policy", "payments").json}
    assert (rows["priority"]["value"], rows["resolution_note"]["value"]) == ("pagerduty_wins", "case_wins")
    assert rows["priority"]["allowed"] == "pagerduty_wins, case_wins, newest, manual"
    assert (rows["title"]["value"], rows["title"]["allowed"]) == ("", "a template")
    assert syncd("deliveries", "list").json == []


def test_it_is_changed_and_the_row_says_by_whom(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    words = ("priority=manual", "case_reopened=reopen")
    changed = syncd("connectors", "policy", "payments", *words, "--by", "Ana").json
    assert changed == syncd("connectors", "policy", "payments").json
    assert {"priority": "manual", "case_reopened": "reopen"}.items() <= {
        row["policy"]: row["value"] for row in changed
    }.items()
    assert [(row["actor"], row["change"]) for row in syncd("deliveries", "list").json] == [("Ana", "policy")] * 2


def test_what_is_none_is_refused_with_the_words_there_are(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    ended = syncd("connectors", "policy", "payments", "priority=ours")
    assert (ended.code, ended.out) == (2, "")
    assert "priority = pagerduty_wins or case_wins or newest or manual" in ended.err
    assert syncd("connectors", "policy", "nobody").code == 4


def test_one_is_shown_by_its_name_alone(syncd: Syncd, store: Database) -> None:
    add_payments(store)
    assert [row["policy"] for row in syncd("connectors", "policy", "payments", "priority").json] == ["priority"]
    assert syncd("connectors", "policy", "payments", "title=From the desk").code == 0
    before = syncd("connectors", "policy", "payments", "title").json
    assert before[0]["value"] == "From the desk"
    both = syncd("connectors", "policy", "payments", "title", "case_reopened=reopen").json
    assert [(row["policy"], row["value"]) for row in both] == [
        ("case_reopened", "reopen"),
        ("title", before[0]["value"]),
    ], "a template that is only named stays as it is"
    unknown = syncd("connectors", "policy", "payments", "colour")
    assert (unknown.code, "There is no policy called colour; there are" in unknown.err) == (4, True)
