"""Lines become a file of Parquet on the way, of which nothing stays behind, and what hinders that is one sentence."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from syncd.errors import Unavailable
from syncd.flow.parquet import is_parquet_there, parquet_of, require_parquet
from syncd.store.audit.export import KINDS, Kind

ROWS = 20_000  # more than stand in one group
_VALUES = {Kind.FRACTION: 1.5, Kind.MOMENT: "2026-11-21T12:00:00.000000+00:00", Kind.TEXT: "said"}


def lines(count: int = ROWS) -> Iterator[bytes]:
    """The newest first, as they are read."""
    for start in range(count, 0, -5_000):
        numbers = range(start, max(0, start - 5_000), -1)
        rows = ({name: _VALUES.get(kind, number) for name, kind in KINDS.items()} for number in numbers)
        yield "".join(f"{json.dumps(row)}\n" for row in rows).encode()


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Where files that are made on the way go, of this test alone."""
    (tmp_path / "temporary").mkdir()
    before, tempfile.tempdir = tempfile.tempdir, str(tmp_path / "temporary")
    yield tmp_path / "temporary"
    tempfile.tempdir = before


@pytest.mark.parametrize("count", [0, 1, ROWS])
def test_it_has_every_row_in_its_order_and_no_name_any_more(temporary: Path, tmp_path: Path, count: int) -> None:
    made = parquet_of(lines(count))
    assert list(temporary.iterdir()) == []
    with made.file:
        whole = made.file.read()
    assert (made.rows, made.size, made.sha256) == (count, len(whole), hashlib.sha256(whole).hexdigest())
    file = tmp_path / "it.parquet"
    file.write_bytes(whole)
    found = duckdb.read_parquet(str(file)).project("id").fetchall()
    assert found == [(number,) for number in range(count, 0, -1)]


def test_while_it_is_made_nobody_else_may_look(temporary: Path) -> None:
    modes = set[int]()

    def look() -> None:
        modes.update(one.stat().st_mode & 0o777 for one in temporary.iterdir())

    parquet_of(lines(), look).file.close()
    assert modes == {0o700}


def test_it_is_left_as_soon_as_nobody_waits_for_it(temporary: Path) -> None:
    read = lines()

    def gone() -> None:
        raise Unavailable("Whoever asked for this has gone.")

    with pytest.raises(Unavailable, match="has gone"):
        parquet_of(read, gone)
    assert list(temporary.iterdir()) == []
    assert len(list(read)) == ROWS // 5_000 - 1, "of what was to be read one piece was"


def test_what_hinders_it_is_one_sentence_and_nothing_stays_behind(temporary: Path) -> None:
    with pytest.raises(
        Unavailable, match=r"^The Parquet file could not be made \(.+\); make room where [^\n]+ndjson\.$"
    ):
        parquet_of(iter([b'{"id": "no number"}\n']))
    assert list(temporary.iterdir()) == []
    temporary.rmdir()
    with pytest.raises(Unavailable, match=r"could not be made \(No such file or directory\); make room where"):
        parquet_of(lines())


def test_here_it_is_there() -> None:
    assert is_parquet_there()
    require_parquet()
