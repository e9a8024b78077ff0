"""`syncd tail`: deliveries as they come in, each once, until Ctrl-C."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from shutil import get_terminal_size
from textwrap import wrap
from typing import Annotated

import typer

from syncd.core.harmless import in_json, printable
from syncd.errors import Misconfigured, Unavailable

from .daemon import ConfigOption
from .output import Form, Row, form_of
from .querying import ViewOption, Words, asked_with, whole
from .reach import Json, Reach, ServerOption, given
from .saying import say

EVERY = 1.0  # seconds between two looks
_MOST = 500
#: As wide as what stands in them mostly is: nobody knows yet what comes.
_COLUMNS = {"id": 8, "recorded_at": 19, "change": 15, "outcome": 10, "case_id": 10, "incident_id": 14, "direction": 9}
_BENEATH = "    "


def tail(
    query: Words = None,
    view: ViewOption = None,
    since: Annotated[str, typer.Option(help="From then on, like 10m, 3h, 2d or a date; without it, from now on.")] = "",
    server: ServerOption = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", help="table or ndjson; a table on a terminal, ndjson otherwise.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Deliveries as they come in, each once. A database that is away for a moment is waited for; Ctrl-C ends it."""
    from .span import moment_of
    from .where import reached

    form = _form(output)
    start = moment_of(since, datetime.now(UTC)).isoformat() if since else None
    try:
        with reached(server, config) as reach:
            asked = given(q=asked_with(reach, view, whole(query)), since=start, limit=_MOST)
            for rows in _followed(reach, dict(asked)):
                _show(rows, form)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _form(output: str | None) -> Form:
    """What has no end is no JSON array."""
    if output is None:
        return Form.TABLE if sys.stdout.isatty() else Form.NDJSON
    form = form_of(output)
    if form not in {Form.TABLE, Form.NDJSON}:
        raise Misconfigured(
            f"-o {form} needs an end, and this has none; use ndjson or table, or `syncd deliveries list`."
        )
    return form


@dataclass(slots=True)
class _Outage:
    """Told once, however long it lasts."""

    is_told: bool = False

    def tell(self, error: Unavailable) -> None:
        if not self.is_told:
            say(f"syncd: {error} Waiting for it; nothing is left out.", err=True)
        self.is_told = True


def _followed(reach: Reach, asked: dict[str, str]) -> Iterator[Sequence[Json]]:
    """Whoever cannot even begin is told so, and ends."""
    found, outage = reach.audit.tail(asked), _Outage()
    asked.pop("since", None)
    while True:
        yield found["deliveries"]
        asked["after"] = found["next"]
        if not found["is_more"]:
            time.sleep(EVERY)
        found = _next(reach, asked, outage)


def _next(reach: Reach, asked: dict[str, str], outage: _Outage) -> Json:
    while True:
        try:
            found = reach.audit.tail(asked)
        except Unavailable as error:
            outage.tell(error)
            time.sleep(EVERY)
        else:
            outage.is_told = False
            return found


def _show(rows: Sequence[Json], form: Form) -> None:
    for row in rows:
        for line in [in_json(json.dumps(row, ensure_ascii=False))] if form is Form.NDJSON else _lines(row):
            sys.stdout.write(line + "\n")
    if rows:
        sys.stdout.flush()


def _lines(row: Row) -> Iterator[str]:
    width = get_terminal_size().columns
    cells = {name: _cell(row, name).ljust(wide) for name, wide in _COLUMNS.items()}
    while len(cells) > 4 and sum(map(len, cells.values())) + 2 * len(cells) > width:
        cells.popitem()
    yield "  ".join(cells.values()).rstrip()
    if row["outcome"] != "applied":  # Of what was done nobody has to be told why.
        yield from wrap(printable(str(row["detail"])), width, initial_indent=_BENEATH, subsequent_indent=_BENEATH)


def _cell(row: Row, name: str) -> str:
    text = str(row[name] or "")
    return printable(f"{text[:10]} {text[11:19]}" if name == "recorded_at" else text)
