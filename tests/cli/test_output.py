"""The four forms of output, and the one that is chosen when nobody says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.cli.output import Form, folded, form_of, is_for_people, show, show_one

ROWS: list[dict[str, object]] = [
    {
        "id": 1,
        "at": datetime(2026, 11, 21, 13, tzinfo=timezone(timedelta(hours=1))),
        "what": {"a": [1, None]},
        "who": "Ana",
    },
    {"id": 22, "at": None, "what": "two\nlines\x1b[31m", "who": None},
]
AT = "2026-11-21T12:00:00.000+00:00"


def test_a_table_begins_with_ids_and_keeps_each_row_on_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, "table", columns=("id", "at", "what"))
    assert capsys.readouterr().out.splitlines() == [
        "ID  AT                   WHAT",
        '1   2026-11-21 12:00:00  {"a": [1, null]}',
        "22                       two lines [31m",
    ]


def test_json_and_ndjson_carry_everything(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, "json", columns=("id",))
    whole = json.loads(capsys.readouterr().out)
    show(ROWS, "ndjson")
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == whole
    assert whole[0] == {"id": 1, "at": AT, "what": {"a": [1, None]}, "who": "Ana"}


def test_csv_can_be_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, "csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["id"] for row in rows] == ["1", "22"]
    assert rows[0]["what"] == '{"a": [1, null]}'
    assert rows[1]["what"] == "two lines [31m"


@pytest.mark.parametrize("output", list(Form))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1))
def test_no_form_draws_anything_on_a_terminal(capsys: pytest.CaptureFixture[str], output: str, text: str) -> None:
    for hostile in (text, "\x1b[2J\x9b31m\u202e\r", '=HYPERLINK("http://evil")'):
        show([{"id": 1, "text": hostile}], output)
        show_one({"id": 1, "text": hostile, "parts": {"in": hostile}}, output)
        said = capsys.readouterr().out
        assert all(line.isprintable() for line in said.split("\n"))
        if output == Form.CSV:
            cells = [cell for line in csv.reader(io.StringIO(said)) for cell in line]
            assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r")]


def test_one_record_for_people_is_a_line_for_each_field(capsys: pytest.CaptureFixture[str]) -> None:
    show_one({"id": 1, "priority": "P1", "note": None}, "table")
    assert capsys.readouterr().out.splitlines() == ["id        1", "priority  P1", "note"]
    show_one({"id": 1, "request": {"body": "two\nlines"}}, "table")
    assert capsys.readouterr().out.splitlines() == ["id       1", "request", "  {", '    "body": "two\\nlines"', "  }"]
    show_one({"id": 1}, "csv")
    assert capsys.readouterr().out == "id\n1\n"


@pytest.mark.parametrize(("is_tty", "form"), [(True, Form.TABLE), (False, Form.JSON)])
def test_people_get_a_table_and_programs_json(monkeypatch: pytest.MonkeyPatch, *, is_tty: bool, form: Form) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_tty)
    assert form_of(None) is form
    assert is_for_people(None) is is_tty
    assert form_of("csv") is Form.CSV


def test_nothing_is_shown_as_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    for output, shown in (("json", "[]\n"), ("ndjson", ""), ("csv", ""), ("table", "\n")):
        show([], output)
        assert capsys.readouterr().out == shown


LONG = (
    "The note is longer than the other side takes, so that it was refused and would be refused again and again by it."
)


def test_on_a_terminal_the_sentence_stands_beneath_its_row_and_no_line_is_longer_than_that() -> None:
    rows = [{"id": 7, "outcome": "failed", "incident_id": "Q" * 30, "actor": "Ana", "detail": LONG}]
    columns = ("id", "outcome", "incident_id", "actor")
    lines = list(folded(rows, columns, "detail", 48))
    assert lines[:2] == ["ID  OUTCOME  INCIDENT_ID", f"7   failed   {'Q' * 30}"]
    assert max(map(len, lines)) <= 48
    assert " ".join(line.strip() for line in lines[2:]) == LONG
    assert all(line.startswith("    ") for line in lines[2:])
    assert next(folded(rows, columns, "detail", 200)).endswith("ACTOR")


def test_elsewhere_a_row_stays_on_its_line_with_its_sentence_whole_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show([{"id": 7, "detail": LONG}], "table", columns=("id",), below="detail")
    assert capsys.readouterr().out.splitlines() == ["ID  DETAIL", f"7   {LONG}"]


def test_a_terminal_gets_the_folded_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    show([{"id": 7, "detail": LONG}], columns=("id",), below="detail")
    assert capsys.readouterr().out.splitlines()[:3] == ["ID", "7", "    The note is longer than the other"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"id": st.integers(), "text": st.text()}), min_size=1, max_size=5))
def test_no_text_breaks_a_row_in_two(capsys: pytest.CaptureFixture[str], rows: list[dict[str, object]]) -> None:
    show(rows, "table", columns=("id", "text"))
    table = capsys.readouterr().out
    assert len(table.split("\n")) == len(rows) + 2
    assert [line.split()[0] for line in table.split("\n")[1:-1]] == [str(row["id"]) for row in rows]
