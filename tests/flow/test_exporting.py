"""What a query finds as a file: every row once, no formula, one line each, and nothing of other accounts."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from functools import partial

from syncd.core.query.reading import read
from syncd.flow.exporting import Format, export_of
from syncd.store import deliveries
from syncd.store.audit import export
from syncd.store.audit.pages import page
from syncd.store.database import Database
from syncd.store.row_json import row_as_json
from tests.store.audit.rows import NOW, ROWS, fill


def test_ndjson_is_what_is_stored(db: Database) -> None:
    fill(db)
    found = export_of(db, read("id>0"), Format.NDJSON)
    lines = [json.loads(line) for line in b"".join(found.pieces).splitlines()]
    with db.read() as tx:
        rows = [row_as_json(row) for row in page(tx, read("id>0"), NOW, limit=10).rows]
    assert found.rows == len(lines) == 6
    assert lines == [
        {name: value for name, value in row.items() if name not in {"request", "response"}} for row in rows
    ]


def test_csv_has_a_line_for_each_row_and_no_formula(db: Database) -> None:
    wild = replace(ROWS[0], actor='=HYPERLINK("x")', detail="two\nlines, \x1b[31mred", case_id="-1+2", url="@SUM(1)")
    with db.write() as tx:
        deliveries.record_many(tx, [wild])
    text = b"".join(export_of(db, read("id>0"), Format.CSV).pieces).decode()
    names, (line,) = text.splitlines()[0].split(","), list(csv.DictReader(text.splitlines()))
    assert names == export.NAMES
    assert (line["actor"], line["detail"]) == ('\'=HYPERLINK("x")', "two lines,  [31mred")
    assert (line["case_id"], line["url"], line["link_id"], line["http_status"]) == ("'-1+2", "'@SUM(1)", "1", "")


def test_every_row_once_in_short_looks_and_none_that_came_in_meanwhile(db: Database) -> None:
    fill(db)
    seen: list[int] = []
    for lines in export.lines(partial(db.read), read("id>0"), NOW, at_once=4):
        seen += [line[0] for line in lines]
        with db.write() as tx:
            deliveries.record_many(tx, [replace(ROWS[0], recorded_at=NOW)])
    assert (len(seen), len(set(seen))) == (6, 6)


def test_within_the_accounts_of_whoever_asks_and_nothing_at_all(db: Database) -> None:
    assert b"".join(export_of(db, read("id>0"), Format.NDJSON).pieces) == b""
    fill(db)
    found = export_of(db, read("id>0"), Format.NDJSON, ["other"])
    assert found.rows == 2
    assert {json.loads(line)["integration"] for line in b"".join(found.pieces).splitlines()} == {"other"}
