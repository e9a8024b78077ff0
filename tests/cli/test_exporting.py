"""`syncd deliveries export`: the same file from here and from elsewhere, and a manifest that proves it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_IMODE

import duckdb
import pytest

from syncd.cli.exporting import FileFormat, _written
from syncd.cli.in_place import manifest_of
from syncd.clock import Clock
from syncd.errors import Unavailable
from syncd.store import deliveries
from syncd.store.database import Database
from tests.store.audit.rows import ROWS, fill

from .conftest import Syncd


@pytest.fixture
def both(store: Database, elsewhere: str, tmp_path: Path) -> str:
    fill(store)
    there = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'syncd.db'}", Clock())
    fill(there)
    there.close()
    return elsewhere


@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_here_and_elsewhere_the_same_file_with_its_manifest(syncd: Syncd, both: str, tmp_path: Path, form: str) -> None:
    here, there = tmp_path / f"here.{form}", tmp_path / f"there.{form}"
    said = syncd("deliveries", "export", "id>1", "--format", form, "--to", str(here))
    assert (said.code, said.out) == (0, "")
    assert said.err == f"5 rows are in {here}, and its SHA-256 is in {here}.manifest.json.\n"
    assert syncd("deliveries", "export", "id>1", "--format", form, "--to", str(there), "--server", both).code == 0
    assert here.read_bytes() == there.read_bytes()
    manifest = json.loads(Path(f"{here}.manifest.json").read_text())
    assert (manifest["query"], manifest["rows"], manifest["format"]) == ("id>1", 5, form)
    assert manifest["sha256"] == hashlib.sha256(here.read_bytes()).hexdigest()
    assert manifest["bytes"] == here.stat().st_size


def test_parquet(syncd: Syncd, both: str, tmp_path: Path) -> None:
    assert both
    file = tmp_path / "rows.parquet"
    assert syncd("deliveries", "export", "id>1", "--format", "parquet", "--to", str(file)).code == 0
    found = duckdb.read_parquet(str(file)).project("id, outcome").order("id").fetchall()
    assert found == [(2, "applied"), (3, "failed"), (4, "retrying"), (5, "suppressed"), (6, "rejected")]
    manifest = json.loads(Path(f"{file}.manifest.json").read_text())
    assert (manifest["rows"], manifest["sha256"]) == (5, hashlib.sha256(file.read_bytes()).hexdigest())


def test_parquet_has_the_types_of_the_table_whatever_stands_in_it(
    syncd: Syncd, store: Database, tmp_path: Path
) -> None:
    told = {
        "request_id": "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
        "case_id": "2026-01-02",
        "actor": "2026-01-03",
        "incident_id": "12:30:00",
        "detail": "null",
    }
    with store.write() as tx:
        deliveries.record_many(tx, [replace(ROWS[0], **told)])  # type: ignore[arg-type]  # texts, all of them
    types = {}
    for words, file in (("id>0", tmp_path / "rows.parquet"), ("id:99", tmp_path / "none.parquet")):
        ended = syncd("deliveries", "export", words, "--format", "parquet", "--to", str(file))
        assert (ended.code, ended.out) == (0, "")
        found = duckdb.read_parquet(str(file))
        types[words] = dict(zip(found.columns, map(str, found.types), strict=True))
    assert types["id>0"] == types["id:99"]
    assert set(types["id>0"].values()) == {"BIGINT", "DOUBLE", "VARCHAR", "TIMESTAMP WITH TIME ZONE"}
    names = ", ".join(told)
    assert duckdb.read_parquet(str(tmp_path / "rows.parquet")).project(names).fetchall() == [tuple(told.values())]
    assert duckdb.read_parquet(str(tmp_path / "none.parquet")).fetchall() == []
    moment = duckdb.read_parquet(str(tmp_path / "rows.parquet")).project("epoch_ms(recorded_at)").fetchall()
    assert moment == [(round(ROWS[0].recorded_at.timestamp() * 1000),)]


def _broken_off(end: BaseException) -> Iterator[bytes]:
    yield b"ha"
    raise end


@pytest.mark.parametrize("end", [KeyboardInterrupt(), Unavailable("The daemon has gone.")])
def test_what_breaks_off_leaves_what_stood_there_with_its_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], end: BaseException
) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("whole\n")
    file.chmod(0o600)
    manifest_of(file).write_text("{}")
    with pytest.raises(type(end)):
        _written(2, _broken_off(end), file, FileFormat.CSV)
    assert (file.read_text(), manifest_of(file).read_text()) == ("whole\n", "{}")
    assert Path(f"{file}.part").read_bytes() == b"ha"
    assert capsys.readouterr().err == (
        f"The export broke off: what had been written by then is in {file}.part; {file} is as it was.\n"
    )
    assert _written(1, iter([b"new\n"]), file, FileFormat.CSV)[1].size == 4
    assert (file.read_text(), S_IMODE(file.stat().st_mode)) == ("new\n", 0o600)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["rows.csv"], "an old manifest says nothing of a new file"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "parquet", "--to", "-"], "Parquet cannot be written to standard output; name a file with --to."),
        (["--to", "{}/nowhere/x"], "cannot be written (No such file or directory); name another file with --to."),
        (["--to", "{}/x", "outcom:x"], "At character 1: 'outcom' is no field"),
    ],
)
def test_what_cannot_be_exported_is_told(syncd: Syncd, both: str, tmp_path: Path, words: list[str], said: str) -> None:
    assert both
    ended = syncd("deliveries", "export", *(word.format(tmp_path) for word in words))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    elsewhere = syncd("deliveries", "export", *(word.format(tmp_path) for word in words), "--server", both)
    assert (elsewhere.code, elsewhere.err) == (2, ended.err)
