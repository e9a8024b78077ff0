"""`syncd deliveries export`: all that a query finds, in a file, with a manifest that says what is in it."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from syncd.cli.saying import say
from syncd.errors import Misconfigured, Unavailable

from .daemon import ConfigOption
from .in_place import manifest_of, put_in_place
from .querying import ViewOption, Words, asked_with, whole
from .reach import Json, ServerOption
from .reach_audit import Export


class FileFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(slots=True)
class _Tally:
    """What went by: every line is a row, but for the names of a CSV."""

    lines: int = 0
    size: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)

    def add(self, piece: bytes) -> int:
        lines = piece.count(b"\n")
        self.lines += lines
        self.size += len(piece)
        self.sha256.update(piece)
        return lines


def export(
    to: Annotated[Path, typer.Option(help="The file to write, beside which its manifest goes; - is standard output.")],
    query: Words = None,
    view: ViewOption = None,
    form: Annotated[FileFormat, typer.Option("--format", help="Parquet needs duckdb.")] = FileFormat.CSV,
    server: ServerOption = None,
    config: ConfigOption = None,
) -> None:
    """Write all that a query finds to a file, newest first; `deliveries show` has also what was sent and answered."""
    from .where import reached

    if form is FileFormat.PARQUET:
        _require_parquet(to)
    sent_as = FileFormat.NDJSON if form is FileFormat.PARQUET else form
    began = datetime.now(UTC).isoformat(timespec="seconds")
    with reached(server, config) as reach:
        words = asked_with(reach, view, whole(query)) or ""
        with reach.audit.export({"q": words, "format": sent_as}) as found:
            rows, tally = _written(found, to, form)
            action = {} if found.action is None else {"action": found.action}
    manifest = {"query": words, "exported_at": began, "format": form, "rows": rows, "bytes": tally.size}
    _tell({**manifest, "sha256": tally.sha256.hexdigest(), **action}, to)


def _written(found: Export, to: Path, form: FileFormat) -> tuple[int, _Tally]:
    tally = _Tally()
    if form is FileFormat.PARQUET:
        from syncd.flow.parquet import write_parquet

        with tempfile.TemporaryDirectory(prefix="syncd-export-") as folder:
            lines = Path(folder) / "deliveries.ndjson"
            with lines.open("wb") as file:
                _copy(found, file, tally)
            with put_in_place(to) as part:
                write_parquet(lines, part)
                whole_file = _Tally()
                with part.open("rb") as file:
                    while piece := file.read(1 << 20):
                        whole_file.add(piece)
        return tally.lines, whole_file
    with _opened(to) as file:
        _copy(found, file, tally)
    return tally.lines - (form is FileFormat.CSV), tally


def _copy(found: Export, file: IO[bytes], tally: _Tally) -> None:
    with typer.progressbar(
        length=found.rows, label="Exporting", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as bar:
        for piece in found.pieces:
            file.write(piece)
            bar.update(tally.add(piece))
    _hold_against(found, tally.sha256.hexdigest())


def _hold_against(found: Export, came: str) -> None:
    """Before the file takes its place: what was changed on its way never does."""
    sent = found.sent()
    if sent is None or sent.sha256 == came:
        return
    if not sent.sha256:
        say(f"What came cannot be held against what the daemon has sent: {sent.why_not}.", err=True)
        return
    raise Unavailable(
        f"What came has the SHA-256 {came}, and the daemon has sent {sent.sha256} (action {found.action}): something "
        "between changed it; export it again by a way that leaves it as it is."
    )


@contextmanager
def _opened(to: Path) -> Iterator[IO[bytes]]:
    if str(to) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with put_in_place(to) as part, part.open("wb") as file:
        yield file


def _require_parquet(to: Path) -> None:
    """Before anything is read."""
    if str(to) == "-":
        raise Misconfigured("Parquet cannot be written to standard output; name a file with --to.")
    from syncd.flow.parquet import require_parquet

    require_parquet()


def _tell(manifest: Json, to: Path) -> None:
    if str(to) == "-":
        say(json.dumps(manifest), err=True)
        return
    beside = manifest_of(to)
    beside.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    say(f"{manifest['rows']} rows are in {to}, and its SHA-256 is in {beside}.", err=True)
