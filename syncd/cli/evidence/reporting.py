"""`syncd evidence report`: what became of each check, as a table, a page, files or JSON; now, or as it was answered before."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who
from syncd.errors import Misconfigured

from .group import Name, evidence

if TYPE_CHECKING:
    from syncd.evidence.report.plain import Plain

    from .asked import Here

PeriodOption = Annotated[
    str,
    typer.Option(
        help="7d, 30d (when left out), quarter, last-quarter, 2026-Q3, 2026-09 or FROM..TO; incidents of that time are judged."
    ),
]
USUAL = "30d"
_OF_CHECK = ("subject", "name", "state", "first_seen")
_COLUMNS = ("check", "result", "in_order", "judged", "title", "sentence")


class Format(StrEnum):
    HTML = "html"
    CSV = "csv"
    JSON = "json"


@evidence.command()
def report(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    name: Name = "",
    period: PeriodOption = "",
    form: Annotated[Format | None, typer.Option("--format", help="A page, tables for a spreadsheet, or JSON.")] = None,
    snapshot: Annotated[
        int | None, typer.Option(help="The answer of this snapshot again, instead of a new one.")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("-O", "--to", help="Write it there: a file, or of CSV a folder for its tables.")
    ] = None,
    check: Annotated[str, typer.Option(help="What this check finds, subject by subject, like SVC-01.")] = "",
    table: Annotated[str, typer.Option(help="Of CSV this one table, to standard output.")] = "",
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep this answer as a signed snapshot, as a bundle would.")
    ] = False,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """What became of each check: in order, not in order and what, accepted, unknown and why. Nothing that was not read is in order.

    It changes nothing, unless --keep is given. What --snapshot gives again is what was answered then, to the byte.
    """
    from syncd.cli.output import form_of

    from .asked import here

    form_of(output)
    refuse_beside(snapshot, period=period)
    if keep and snapshot is not None:
        raise Misconfigured("--snapshot gives an answer again that is kept already; leave --keep out.")
    if check and form is not None:
        raise Misconfigured("--check is a table of one check; leave --format out, which has all of them.")
    if (to or table) and form is None:
        raise Misconfigured("-O and --table need --format: html, csv or json.")
    if server:
        found = _far(server, name, period or USUAL, snapshot, keep=keep)
    else:
        with here(config) as asked:
            found = _answer(asked, name, period or USUAL, who(by), snapshot, keep=keep)
    if check:
        _show_check(found, check, output)
    elif form is None:
        _show(found, output)
    else:
        _give(found, form, to, table)


def refuse_beside(snapshot: int | None, *, period: str, pseudonyms: bool = False) -> None:
    """What was answered then is given as it was: nothing that is asked for besides would have an effect on it."""
    given = [name for name, is_given in (("--period", period), ("--pseudonyms", pseudonyms)) if is_given]
    if snapshot is not None and given:
        raise Misconfigured(
            f"--snapshot {snapshot} gives again what was answered then, of its own time and with the names in it; leave "
            f"{' and '.join(given)} out, or --snapshot."
        )


def _far(server: str, name: str, period: str, snapshot: int | None, *, keep: bool) -> Plain:
    from .elsewhere import there

    if keep:
        raise Misconfigured(
            "--keep is for the machine of the database; with --server `syncd evidence bundle` keeps an answer."
        )
    with there(server) as far:
        return far.report(name, period, snapshot)


def _answer(asked: Here, name: str, period: str, by: str, snapshot: int | None, *, keep: bool) -> Plain:
    if snapshot is not None:
        return asked.given_before(name, snapshot)
    if not keep:
        return asked.report(name, period, by)
    from syncd.evidence.bundle.making import report_in

    kept = asked.maker().make(asked.question(name, period, by), None)
    say(f"It is kept as snapshot {kept.number} of {kept.integration}.", err=True)
    return report_in(kept)


def _show(found: Plain, output: str | None) -> None:
    from syncd.cli.output import Form, form_of, is_for_people, show, show_one

    if form_of(output) in {Form.CSV, Form.NDJSON}:
        _show_rows(found, form_of(output))
        return
    if not is_for_people(output):
        show_one(found, output)
        return
    show(found["controls"], output, columns=_COLUMNS)
    window, counts = found["window"], found["counts"]
    told = ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in counts.items() if number)
    say(f"\n{found['account']['name']}, {window['start']} to {window['end']}: {told}.")
    for sentence in found["visible"]:
        say(f"! {sentence}")


def _show_rows(found: Plain, form: StrEnum) -> None:
    """A row for each check, as the table `controls` has it; --format has the others."""
    from syncd.cli.output import Form
    from syncd.evidence.report.tables import csv_lines, ndjson_lines, tables

    (controls,) = [one for one in tables(found) if one.name == "controls"]
    sys.stdout.write("".join((csv_lines if form is Form.CSV else ndjson_lines)(controls)))


def _show_check(found: Plain, given: str, output: str | None) -> None:
    """Ids stand first: an acceptance names them."""
    from syncd.cli.output import is_for_people, show
    from syncd.evidence.accepting import check_of

    check = check_of(given)
    rows = [one for one in found["exceptions"] if one["check"] == check]
    show(rows, output, columns=_OF_CHECK, below="sentence")
    if is_for_people(output):
        (control,) = [one for one in found["controls"] if one["check"] == check]
        say(f"\n{check} {control['title']}: {control['sentence']}")
        say(control["cure"])


def _give(found: Plain, form: Format, to: Path | None, table: str) -> None:
    from syncd.evidence.report.html import page
    from syncd.evidence.report.plain import canonical

    if form is Format.CSV:
        _give_tables(found, to, table)
        return
    content = page(found).encode() if form is Format.HTML else canonical(found)
    if to is None:
        sys.stdout.buffer.write(content)
        return
    _write(to, content)
    say(f"The report is in {to}.", err=True)


def _give_tables(found: Plain, to: Path | None, only: str) -> None:
    from syncd.evidence.report.tables import COLUMNS, csv_lines, tables

    if only and only not in COLUMNS:
        raise Misconfigured(f"--table {only} is no table; there are {', '.join(COLUMNS)}.")
    if to is None and not only:
        raise Misconfigured(
            f"CSV is a file for each table: name a folder with -O, or one of {', '.join(COLUMNS)} with --table."
        )
    if to is not None:
        _make_folder(to)
    for one in tables(found):
        if only and one.name != only:
            continue
        lines = "".join(csv_lines(one))
        if to is None:
            sys.stdout.write(lines)
        else:
            _write(to / f"{one.name}.csv", lines.encode())
    if to is not None:
        say(f"The tables are in {to}.", err=True)


def _make_folder(to: Path) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(
            f"{to} cannot be the folder of the tables ({error.strerror}); name another with -O."
        ) from error


def _write(to: Path, content: bytes) -> None:
    from syncd.cli.in_place import put_in_place

    with put_in_place(to) as part:
        part.write_bytes(content)
