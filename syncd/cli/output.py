"""How rows leave the program: a table for people, JSON, NDJSON or CSV for programs. stdout is data, stderr is words."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any

from syncd.core.harmless import in_cell, in_json, printable
from syncd.errors import Misconfigured

Row = Mapping[str, Any]
_BENEATH = "    "
_MOMENT = re.compile(r"\A(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|\+00:00)\Z")  # to the second, for eyes


class Form(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"


def form_of(output: str | None) -> Form:
    """A table on a terminal, JSON otherwise, unless somebody says which."""
    if output is None:
        return Form.TABLE if sys.stdout.isatty() else Form.JSON
    if output not in set(Form):
        raise Misconfigured(f"-o {output} is no form of output; it is table, json, ndjson or csv.")
    return Form(output)


def is_for_people(output: str | None) -> bool:
    return form_of(output) is Form.TABLE


def named(rows: Sequence[Row], output: str | None, column: str) -> Sequence[Row]:
    """For people a name in place of the id beside it, where there is one; programs get both."""
    if not is_for_people(output):
        return rows
    return [{**row, column: row.get(f"{column}_name") or row.get(column)} for row in rows]


def show(
    rows: Sequence[Row],
    output: str | None = None,
    *,
    columns: Sequence[str] = (),
    below: str = "",
    listed: str = "",
) -> None:
    """`columns` are those of the table; programs get everything. What may be long stands `below` its row on a terminal.

    `listed`: the noun of /v1 that declares the fields of a row, for the header of a CSV file without any.
    """
    match form_of(output):
        case Form.TABLE if below and sys.stdout.isatty():
            for line in folded(rows, columns, below, get_terminal_size().columns):
                _say(line)
        case Form.TABLE:
            _table(rows, [*(columns or _columns(rows)), *([below] if below else [])])
        case Form.JSON:
            _say(_json([_plain(row) for row in rows], indent=2))
        case Form.NDJSON:
            for row in rows:
                _say(_json(_plain(row)))
        case Form.CSV:
            _csv(rows, _columns(rows) or _declared(listed) or [*columns, *([below] if below else [])])


def show_one(row: Row, output: str | None = None) -> None:
    match form_of(output):
        case Form.TABLE:
            width = max(map(len, row), default=0)
            for name, value in row.items():
                _say_of(name, value, width)
        case Form.JSON:
            _say(_json(_plain(row), indent=2))
        case Form.NDJSON | Form.CSV:
            show([row], output)


def tell(answer: Row, output: str | None = None) -> None:
    """What a command has done is a sentence, unless somebody names a form."""
    if output is None and "says" in answer:
        _say(printable(str(answer["says"])))
    else:
        show_one(answer, output)


def _say_of(name: str, value: object, width: int) -> None:
    """What has parts of its own is shown over several lines."""
    if not (value and isinstance(value, Mapping | list)):
        _say(f"{name:<{width}}  {_cell(value)}".rstrip())
        return
    _say(name)
    for line in json.dumps(_plain(value), indent=2, ensure_ascii=False).splitlines():
        _say(f"  {printable(line)}")


def folded(rows: Sequence[Row], columns: Sequence[str], below: str, width: int) -> Iterator[str]:
    """As wide as the terminal: the last columns that find no room are left to `show`, and a sentence goes on beneath."""
    lines = _lines(rows, columns)
    while len(columns) > 1 and max(map(len, lines)) > width:
        columns = columns[:-1]
        lines = _lines(rows, columns)
    yield lines[0]
    for row, line in zip(rows, lines[1:], strict=True):
        yield line
        yield from wrap(_cell(row.get(below, "")), width, initial_indent=_BENEATH, subsequent_indent=_BENEATH)


def _table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """No colours and no frames: it is read by eyes and by `cut` alike."""
    for line in _lines(rows, columns):
        _say(line)


def _lines(rows: Sequence[Row], columns: Sequence[str]) -> list[str]:
    cells = [[_cell(row.get(name, "")) for name in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in ([name.upper() for name in columns], *cells)
    ]


def _declared(listed: str) -> Sequence[str]:
    if not listed:
        return ()
    from .header import header

    return header(listed)


def _csv(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Also without rows it has its header, and where nobody knows one it is empty: a line of nothing is a row of nothing."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if columns:
        writer.writerow(columns)
    for row in rows:
        plain = _plain(row)
        cells = (_flat(plain.get(name)) for name in columns)
        writer.writerow([in_cell(cell) if isinstance(cell, str) else cell for cell in cells])


def _json(value: object, indent: int | None = None) -> str:
    return in_json(json.dumps(value, indent=indent, ensure_ascii=False))


def _columns(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds")
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case None | bool() | int() | float() | str():
            return value
        case _:
            return str(value)


def _flat(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _cell(value: object) -> str:
    plain = _flat(_plain(value))
    if isinstance(plain, str):
        plain = _MOMENT.sub(r"\1 \2", plain)
    return "" if plain is None else printable(str(plain))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
