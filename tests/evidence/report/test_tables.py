"""A report as tables for spreadsheets: every column always, every row one line, no cell a formula."""

from __future__ import annotations

import csv
import io
import json

from syncd.evidence.facts.dataset import Name
from syncd.evidence.report.tables import COLUMNS, csv_lines, ndjson_lines, tables
from tests.evidence.account import dataset, facts, service

from .made import as_json, wrong


def read(name: str) -> list[dict[str, str]]:
    (table,) = [one for one in tables(as_json(wrong())) if one.name == name]
    return list(csv.DictReader(io.StringIO("".join(csv_lines(table)))))


def test_every_table_has_its_columns_also_without_rows() -> None:
    found = list(tables(as_json()))
    assert [one.name for one in found] == list(COLUMNS)
    for one in found:
        lines = list(csv_lines(one))
        assert lines[0] == ",".join(one.columns) + "\n"
        assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)


def test_every_field_of_a_row_has_its_column() -> None:
    """A field that a table leaves out would be in no spreadsheet."""
    elsewhere = {"controls", "days", "why_not", "gaps", "differences", "window", "unknown"}
    for one in tables(as_json(wrong())):
        for row in one.rows:
            assert set(row) - set(one.columns) - elsewhere == set(), one.name


def test_no_cell_is_a_formula_and_what_has_parts_is_joined() -> None:
    names = [one["name"] for one in read("exceptions")]
    assert any("<script>" in one for one in names)
    assert not any(one.startswith(("=", "+", "-", "@")) for row in read("exceptions") for one in row.values())
    controls = {one["check"]: one for one in read("controls")}
    assert controls["SVC-01"]["soc2"] == "CC7.3; CC7.4"
    assert {one["owners"] for one in read("exceptions") if one["check"] == "SVC-01"} == {"Payments"}


def test_gaps_say_how_long_and_what_is_not_known() -> None:
    first, second = read("gaps")
    assert (first["schedule"], first["minutes"], first["why"]) == ("SC1", "480", "no_users")
    assert (second["schedule"], second["why"].startswith("unknown: ")) == ("SC2", True)


def test_lines_of_json_are_ascii_and_have_every_column() -> None:
    for one in tables(as_json(wrong())):
        for line in ndjson_lines(one):
            assert line.isascii()
            assert tuple(json.loads(line)) == one.columns


def test_a_formula_in_a_name_becomes_text() -> None:
    found = as_json(facts(dataset(Name.SERVICES, service(name="=1+1", policy=""))))
    (table,) = [one for one in tables(found) if one.name == "exceptions"]
    cells = [row["name"] for row in csv.DictReader(io.StringIO("".join(csv_lines(table))))]
    assert "'=1+1" in cells
