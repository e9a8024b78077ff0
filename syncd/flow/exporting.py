"""What a query finds as the lines of a file: CSV for spreadsheets, NDJSON exactly as it is stored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from syncd.core.harmless import in_cell, may_harm_in_line
from syncd.core.query.terms import Query
from syncd.store.audit import export
from syncd.store.audit.csv_lines import csv_lines
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

SECONDS = 30.0  # for one look, of some thousand rows


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Export:
    rows: int  # there were when it began; those that come in later are left out
    pieces: Iterator[bytes]  # each of whole lines


def export_of(db: Database, query: Query, form: Format, within: Collection[str] = ()) -> Export:
    """Of Parquet the lines that it is made from: such a file can be sent only once it is whole."""
    with patient_read(db, SECONDS) as tx:
        now = db.now(tx)
        rows = export.count(tx, query, now, within)
    pieces = _csv(db, query, now, within) if form is Format.CSV else _ndjson(db, query, now, within)
    return Export(rows, pieces)


def _ndjson(db: Database, query: Query, now: datetime, within: Collection[str]) -> Iterator[bytes]:
    """In ASCII, so that no sign in it moves a cursor or turns a line around."""
    for lines in export.lines(partial(patient_read, db, SECONDS), query, now, within=within):
        yield "".join(json.dumps(dict(zip(export.NAMES, line, strict=True))) + "\n" for line in lines).encode()


def _csv(db: Database, query: Query, now: datetime, within: Collection[str]) -> Iterator[bytes]:
    """No cell is a formula, and every row is one line."""
    yield _line(export.NAMES).encode()
    reading = partial(patient_read, db, SECONDS)
    for lines in csv_lines(reading, query, now, may_harm_in_line, within=within):
        yield "".join(f"{line}\n" if isinstance(line, str) else _line(map(_cell, line)) for line in lines).encode()


def _line(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue()


def _cell(value: object) -> object:
    return in_cell(value) if isinstance(value, str) else value
