"""What a query finds as the lines of a file: CSV for spreadsheets, NDJSON exactly as it is stored."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from syncd.core.harmless import in_cell, is_harmful_in_cell
from syncd.core.query.terms import Query
from syncd.store.audit import export
from syncd.store.audit.patience import patient_read
from syncd.store.database import Database

SECONDS = 30.0  # for one look, of some thousand rows
Lines = Sequence[Sequence[Any]]


class Format(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Export:
    rows: int  # there were when it began; those that come in later are left out
    pieces: Iterator[bytes]  # each of whole lines


def export_of(db: Database, query: Query, form: Format, within: Collection[str] = ()) -> Export:
    with patient_read(db, SECONDS) as tx:
        now = db.now(tx)
        rows = export.count(tx, query, now, within)
    found = export.lines(partial(patient_read, db, SECONDS), query, now, within=within)
    write = _WRITERS[form]
    return Export(rows, _pieces(found, form, write))


def _pieces(found: Iterator[Lines], form: Format, write: Callable[[Lines], str]) -> Iterator[bytes]:
    if form is Format.CSV:
        yield _csv([export.NAMES]).encode()
    for lines in found:
        yield write(lines).encode()


def _ndjson(lines: Lines) -> str:
    """In ASCII, so that no sign in it moves a cursor or turns a line around."""
    return "".join(json.dumps(dict(zip(export.NAMES, line, strict=True))) + "\n" for line in lines)


def _harmless_csv(lines: Lines) -> str:
    return _csv(harmless(lines))


def _csv(lines: Lines) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def harmless(lines: Lines) -> Lines:
    """No cell is a formula, and every row is one line. Looked at by columns, in which most values are alike."""
    columns = [list(column) for column in zip(*lines, strict=True)]
    for number, column in enumerate(columns):
        mended = {
            value: in_cell(value) for value in set(column) if isinstance(value, str) and is_harmful_in_cell(value)
        }
        if mended:
            columns[number] = [mended.get(value, value) for value in column]
    return list(zip(*columns, strict=True))


_WRITERS: dict[Format, Callable[[Lines], str]] = {Format.CSV: _harmless_csv, Format.NDJSON: _ndjson}
