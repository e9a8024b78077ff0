"""`syncd evidence accept` and `diff`."""

from __future__ import annotations

from pathlib import Path

import pytest

from syncd.store import actions
from syncd.store.actions import Asked
from syncd.store.database import Database
from tests.cli.conftest import Syncd

pytestmark = pytest.mark.usefixtures("giving")


def test_it_is_given_listed_and_withdrawn(syncd: Syncd, store: Database) -> None:
    given = syncd(
        "evidence", "accept", "SVC-05", "P1", "--until", "2030-12-31", "--why", "legacy", "--by", "Ana", "-o", "json"
    )
    assert (given.code, given.json["check"], given.json["until"]) == (0, "SVC-05", "2031-01-01T00:00:00.000+00:00")
    assert given.err.startswith(
        "What SVC-05 finds with P1 is not known (It cannot be told: services: not collected yet"
    )
    (row,) = syncd("evidence", "accept", "--list").json
    assert (row["id"], row["subject"], row["state"], row["by"], row["why"]) == (1, "P1", "standing", "Ana", "legacy")
    gone = syncd("evidence", "accept", "--withdraw", "1", "--by", "Ben")
    assert gone.out == "Acceptance 1 of SVC-05 is withdrawn; what it finds counts again.\n"
    (row,) = syncd("evidence", "accept", "--list", "--integration", "acme").json
    assert (row["state"], row["withdrawn_by"]) == ("withdrawn", "Ben")
    assert syncd("evidence", "accept", "--withdraw", "1").code == 2
    with store.read() as tx:
        assert [one.act for one in actions.listing(tx, Asked()) if "evidence" in one.act] == [
            "syncd evidence accept"
        ] * 3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ((), 2, "takes a check and --until"),
        (("SVC-99", "--until", "2030-01-01", "--why", "x"), 2, "SVC-99 is no check"),
        (("SVC-05", "--until", "never", "--why", "x"), 2, "--until never is no time"),
        (("SVC-05", "--until", "2020-01-01", "--why", "x"), 2, "is over"),
        (("SVC-05", "--until", "2030-01-01"), 2, "--why is empty"),
        (("--withdraw", "9"), 4, "There is no acceptance 9"),
    ],
)
def test_what_is_none_says_why(syncd: Syncd, words: tuple[str, ...], code: int, says: str) -> None:
    found = syncd("evidence", "accept", *words)
    assert (found.code, says in found.err) == (code, True), found.err


def _accepted(syncd: Syncd, *words: str) -> str:
    return syncd("evidence", "accept", "SVC-05", *words, "--why", "legacy", "--by", "Ana").err


def test_what_stands_besides_is_said(syncd: Syncd) -> None:
    assert "already" not in _accepted(syncd, "P1", "--until", "2030-12-31")
    assert "already" not in _accepted(syncd, "P2", "--until", "2031-12-31")
    said = _accepted(syncd, "P1", "--until", "2030-06-30")
    assert "It is accepted already: P1 by acceptance 1 (Ana) until 2031-01-01 00:00 UTC." in said
    assert syncd("evidence", "accept", "--withdraw", "3").out == (
        "Acceptance 3 of SVC-05 is withdrawn, and what it covers is still accepted: P1 by acceptance 1 (Ana) until 2031-01-01 00:00 UTC.\n"
    )
    assert "already" not in _accepted(syncd, "--until", "2029-06-30"), "of some of it"
    assert syncd("evidence", "accept", "--withdraw", "4").out == (
        "Acceptance 4 of SVC-05 is withdrawn; what it finds counts again, but for what is still accepted: P2 by acceptance 2 (Ana) until "
        "2032-01-01 00:00 UTC, P1 by acceptance 1 (Ana) until 2031-01-01 00:00 UTC.\n"
    )
    assert syncd("evidence", "accept", "--withdraw", "1").out.endswith("; what it finds counts again.\n")


@pytest.mark.parametrize("why", ["\u200b\u200b", "\u2060", "\u00a0", "\u00ad"])
def test_a_reason_that_nobody_sees_is_none(syncd: Syncd, why: str) -> None:
    refused = syncd("evidence", "accept", "SVC-05", "--until", "2030-01-01", "--why", why)
    assert (refused.code, "--why is empty" in refused.err) == (2, True)


def test_two_answers_are_compared(syncd: Syncd, home: Path) -> None:
    syncd("evidence", "report", "--keep")
    assert syncd("evidence", "diff", "1").json == []
    assert "Nothing changed." in syncd("evidence", "diff", "1", "now", "-o", "table").err
    (home / "syncd.toml").write_text("[evidence]\nlevels = 3\n")
    syncd("evidence", "report", "--keep")
    (change,) = syncd("evidence", "diff", "1", "2").json
    assert (change["what"], change["name"], change["before"], change["after"]) == ("rule", "levels", 2, 3)
    assert syncd("evidence", "diff", "2", "1").json[0]["after"] == 2
    assert syncd("evidence", "diff", "one").code == 2
    assert syncd("evidence", "diff", "7").code == 4
