"""`syncd evidence report`: as a table, a page, files and JSON; now, and as it was answered before."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.store import actions
from syncd.store.actions import Asked
from syncd.store.database import Database
from tests.cli.conftest import Syncd

pytestmark = pytest.mark.usefixtures("giving")


def test_nothing_was_collected_so_nothing_is_in_order(syncd: Syncd) -> None:
    found = syncd("evidence", "report").json
    assert [one["check"] for one in found["controls"]] == [one.id for one in CATALOGUE]
    assert {one["result"] for one in found["controls"]} == {"unknown"}
    assert (found["account"]["name"], found["counts"]["unknown"]) == ("acme", 24)
    table = syncd("evidence", "report", "acme", "-o", "table")
    assert table.out.splitlines()[0].startswith("CHECK")
    assert "24 unknown." in table.out
    assert "services: not collected yet" in table.out


def test_a_page_a_folder_of_tables_and_one_table(syncd: Syncd, home: Path) -> None:
    assert syncd("evidence", "report", "--format", "html").out.startswith("<!doctype html>")
    said = syncd("evidence", "report", "--format", "html", "-O", "report.html")
    assert (said.code, said.out, said.err) == (0, "", "The report is in report.html.\n")
    assert (home / "report.html").read_text().startswith("<!doctype html>")
    assert json.loads(syncd("evidence", "report", "--format", "json").out)["format"] == "syncd-evidence-report/1"
    assert syncd("evidence", "report", "--format", "csv", "-O", "tables").code == 0
    assert "controls.csv" in {one.name for one in (home / "tables").iterdir()}
    one = syncd("evidence", "report", "--format", "csv", "--table", "controls").out
    assert [row["check"] for row in csv.DictReader(io.StringIO(one))] == [one.id for one in CATALOGUE]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--period", "soon"), 2, "--period soon is no time; it takes"),
        (("--period", "2030-09-30..2026-07-01"), 2, "ends before it begins; write the earlier day first"),
        (
            ("nobody",),
            4,
            "There is no PagerDuty account called nobody; `syncd integrations list` shows those there are",
        ),
        (("Acne",), 4, "There is no PagerDuty account called Acne; did you mean acme?"),
        (("--format", "csv"), 2, "name a folder with -O"),
        (("--format", "csv", "--table", "x"), 2, "--table x is no table; there are controls"),
        (("-O", "x.html"), 2, "need --format"),
        (("--check", "SVC-99"), 2, "SVC-99 is no check"),
        (("--check", "SVC-01", "--format", "csv"), 2, "leave --format out"),
        (("--snapshot", "3"), 4, "acme has no snapshot 3; `syncd evidence snapshots acme` shows them"),
        (("--snapshot", "3", "--keep"), 2, "leave --keep out"),
        (("-o", "xml"), 2, "no form of output"),
    ],
)
def test_what_cannot_be_answered_says_why(syncd: Syncd, words: tuple[str, ...], code: int, says: str) -> None:
    found = syncd("evidence", "report", *words)
    assert (found.code, says in found.err) == (code, True), found.err


def test_of_rows_there_is_one_for_each_check(syncd: Syncd) -> None:
    rows = list(csv.DictReader(io.StringIO(syncd("evidence", "report", "-o", "csv").out)))
    assert [one["check"] for one in rows] == [one.id for one in CATALOGUE]
    assert (rows[0]["result"], rows[0]["soc2"]) == ("unknown", "CC7.3; CC7.4")
    assert (
        syncd("evidence", "report", "-o", "csv").out
        == syncd("evidence", "report", "--format", "csv", "--table", "controls").out
    )
    lines = syncd("evidence", "report", "-o", "ndjson").out.splitlines()
    assert [json.loads(one)["check"] for one in lines] == [one.id for one in CATALOGUE]


def test_an_answer_that_was_kept_is_given_again_to_the_byte(syncd: Syncd, home: Path) -> None:
    kept = syncd("evidence", "report", "--keep", "--by", "Ana", "--format", "json")
    assert "It is kept as snapshot 1 of acme." in kept.err
    (home / "syncd.toml").write_text("[evidence]\nlevels = 3\n")
    assert json.loads(syncd("evidence", "report", "--format", "json").out)["rules"]["levels"] == 3
    again = syncd("evidence", "report", "--snapshot", "1", "--format", "json")
    assert again.out == kept.out
    assert json.loads(again.out)["asked_by"] == "Ana"
    (row,) = syncd("evidence", "snapshots").json
    assert (row["integration"], row["number"], row["asked_by"]) == ("acme", 1, "Ana")


def test_looking_leaves_no_row_in_the_action_log_and_keeping_does(syncd: Syncd, store: Database) -> None:
    syncd("evidence", "report")
    syncd("evidence", "report", "--keep")
    with store.read() as tx:
        assert [one.act for one in actions.listing(tx, Asked()) if "evidence" in one.act] == ["syncd evidence report"]


def test_where_none_is_collected_from_one_has_to_be_named(syncd: Syncd) -> None:
    syncd("integrations", "set", "acme", "--evidence", "off")
    found = syncd("evidence", "report")
    assert (found.code, "`syncd integrations set acme --evidence on` switches it on" in found.err) == (2, True)
    assert syncd("evidence", "report", "acme").code == 0


def test_what_was_answered_about_an_account_that_is_gone_is_given_again(syncd: Syncd) -> None:
    kept = syncd("evidence", "report", "--keep", "--format", "json")
    assert syncd("integrations", "remove", "acme", "--yes").code == 0
    assert syncd("evidence", "report", "acme").code == 4
    assert syncd("evidence", "report", "acme", "--snapshot", "1", "--format", "json").out == kept.out
    assert [one["number"] for one in syncd("evidence", "snapshots", "acme").json] == [1]
    assert syncd("evidence", "verify", "--snapshots", "--integration", "acme").json["snapshots"] == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ("report", "--format", "html", "-O", "."),
            ". cannot be written (Is a directory); name another file with --to.",
        ),
        (("report", "--format", "html", "-O", "/dev/full"), "/dev/full cannot be written (No space left on device)"),
        (("report", "--format", "csv", "-O", "there"), "there cannot be the folder of the tables (File exists)"),
        (("key", "--to", "."), ". cannot be written (Is a directory)"),
    ],
)
def test_where_nothing_can_be_written_a_sentence_says_so(
    syncd: Syncd, home: Path, words: tuple[str, ...], says: str
) -> None:
    (home / "there").write_text("A file.", encoding="utf-8")
    ended = syncd("evidence", *words)
    assert ended.code == 2
    assert ended.err.startswith(f"syncd: {says}")
