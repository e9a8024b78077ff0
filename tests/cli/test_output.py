"""The four forms of output, and the one that is chosen when nobody says."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.cli.output import Form, form_of, is_for_people, show, show_one

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
    assert rows[1]["what"] == "two\nlines\x1b[31m"


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
    for output, shown in (("json", "[]\n"), ("ndjson", ""), ("csv", "\n"), ("table", "\n")):
        show([], output)
        assert capsys.readouterr().out == shown


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"id": st.integers(), "text": st.text()}), min_size=1, max_size=5))
def test_no_text_breaks_a_row_in_two(capsys: pytest.CaptureFixture[str], rows: list[dict[str, object]]) -> None:
    show(rows, "table", columns=("id", "text"))
    table = capsys.readouterr().out
    assert len(table.split("\n")) == len(rows) + 2
    assert [line.split()[0] for line in table.split("\n")[1:-1]] == [str(row["id"]) for row in rows]
