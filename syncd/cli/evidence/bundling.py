"""`syncd evidence bundle`: an answer with all that it was made from, in one signed file."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from syncd.cli.daemon import ConfigOption
from syncd.cli.reach import OutputOption, ServerOption
from syncd.cli.saying import say
from syncd.cli.who import By, who
from syncd.errors import Misconfigured

from .group import Name, evidence
from .reporting import USUAL, PeriodOption, refuse_beside


@evidence.command()
def bundle(  # noqa: PLR0913, PLR0917  each is an option, or what every command takes
    to: Annotated[Path, typer.Option("-O", "--to", help="The file to write; one that is there is left alone.")],
    name: Name = "",
    period: PeriodOption = "",
    pseudonyms: Annotated[
        bool,
        typer.Option(
            "--pseudonyms", help="No name of a person is in it: the same person has the same pseudonym everywhere."
        ),
    ] = False,
    snapshot: Annotated[
        int | None, typer.Option(help="Of this snapshot again what is kept: its signed manifest and its report.")
    ] = None,
    by: By = None,
    server: ServerOption = None,
    output: OutputOption = None,
    config: ConfigOption = None,
) -> None:
    """Write a bundle: raw pages, computed rows, rules, catalogue and report, with a signed manifest. `syncd evidence verify` checks it.

    Each is kept as a snapshot that names the one before. Ctrl-C leaves nothing behind.
    """
    from syncd.cli.output import form_of, is_for_people, show_one

    from .asked import here

    form_of(output)
    refuse_beside(snapshot, period=period, pseudonyms=pseudonyms)
    _refuse_place(to)
    if server:
        asked_for = (
            {"period": period or USUAL, "pseudonyms": pseudonyms} if snapshot is None else {"snapshot": snapshot}
        )
        _make_far(server, name, {**asked_for, "by": who(by)}, to, output)
        return
    if snapshot is not None:
        _give_excerpt(name, snapshot, to, output, config)
        return
    with here(config) as asked:
        question = asked.question(name, period or USUAL, who(by))
        progress = _Progress()
        with closing(progress):
            kept = asked.maker().make(question, to, hides_names=pseudonyms, tell=progress.tell)
    made = {"bundle": str(to), "account": kept.integration, "number": kept.number, "fingerprint": kept.fingerprint}
    if not is_for_people(output):
        show_one({**made, "sha256": kept.sha256, "previous": kept.previous or None}, output)
        return
    say(f"{to} is snapshot {kept.number} of {kept.integration}, signed with {kept.fingerprint}.")
    say(
        f"`syncd evidence verify {to} --fingerprint {kept.fingerprint}` checks it anywhere; tell the fingerprint by another way than the file."
    )


def _refuse_place(to: Path) -> None:
    from syncd.evidence.bundle.placing import refuse_taken

    if str(to) == "-":
        raise Misconfigured("A bundle is not written to standard output; name a file with -O.")
    refuse_taken(to)


def _make_far(server: str, name: str, fields: dict[str, Any], to: Path, output: str | None) -> None:
    from syncd.cli.output import tell

    from .elsewhere import there

    with there(server) as far:
        made = far.bundle(name, fields, to)
    is_whole = fields.get("snapshot") is None
    told = f"{to} is snapshot {made['number']} of {made['account']}, signed with {made['fingerprint']}."
    tell({**made, "says": told if is_whole else _told_of_excerpt(to, made["number"])}, output)


def _told_of_excerpt(to: Path, number: int) -> str:
    return f"{to} has the report and the signed manifest of snapshot {number}; `syncd evidence verify --excerpts` checks it."


def _give_excerpt(name: str, number: int, to: Path, output: str | None, config: Path | None) -> None:
    from syncd.cli.output import tell
    from syncd.evidence.bundle.making import excerpt

    from .asked import here

    with here(config) as asked:
        kept = asked.snapshot(name, number)
    excerpt(kept, to)
    told = _told_of_excerpt(to, number)
    made = {"bundle": str(to), "account": kept.integration, "number": kept.number, "fingerprint": kept.fingerprint}
    tell({**made, "sha256": kept.sha256, "previous": kept.previous or None, "says": told}, output)


class _Progress:
    """How much has gone by, on a terminal alone: nobody knows before how much there will be."""

    def __init__(self) -> None:
        self._size = 0
        self._file = ""

    def tell(self, name: str, size: int) -> None:
        before, self._size = self._size >> 20, self._size + size
        if sys.stderr.isatty() and (name != self._file or self._size >> 20 != before):
            self._file = name
            sys.stderr.write(f"\r\x1b[K{self._size >> 20} MiB  {name}")
            sys.stderr.flush()

    def close(self) -> None:
        if self._file:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
