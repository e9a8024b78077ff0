"""`syncd deliveries export`: the same file from here and from elsewhere, and a manifest that proves it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import pytest

from syncd.clock import Clock
from syncd.store.database import Database
from tests.store.audit.rows import fill

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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "parquet", "--to", "-"], "Parquet cannot be written to standard output; name a file with --to."),
        (["--format", "parquet", "--to", "{}/x", "id:99"], "The query finds nothing, and a Parquet file without rows"),
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
