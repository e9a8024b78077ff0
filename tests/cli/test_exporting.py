"""`syncd deliveries export`: the same file from here and from elsewhere, and a manifest that proves it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from stat import S_IMODE

import duckdb
import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from syncd.cli.exporting import FileFormat, _written
from syncd.cli.in_place import manifest_of
from syncd.cli.reach_audit import Sent
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.app import create
from syncd.console.parts import Parts
from syncd.errors import Unavailable
from syncd.simulator.server import serve
from syncd.store import deliveries
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.store.audit.rows import ROWS, fill

from .conftest import TOKEN, Syncd


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
    assert "action" not in manifest, "of what a command reads itself no daemon keeps anything"


@pytest.mark.parametrize("form", ["csv", "ndjson", "parquet"])
def test_what_comes_from_elsewhere_is_held_against_what_the_daemon_sent(
    syncd: Syncd, both: str, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"there.{form}"
    ended = syncd("deliveries", "export", "id>1", "--format", form, "--to", str(file), "--server", both)
    assert (ended.code, ended.err.count("\n")) == (0, 1)
    manifest = json.loads(Path(f"{file}.manifest.json").read_text())
    assert manifest["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    row = syncd("actions", "show", str(manifest["action"]), "-o", "json", "--server", both).json
    assert (row["act"], row["outcome"], row["named"]["query"]) == ("GET /v1/deliveries/export", "done", "id>=2")
    assert (row["taken"]["sha256"] == manifest["sha256"]) is (form != "parquet"), "of Parquet its lines were sent"
    assert row["taken"]["rows"] == manifest["rows"] == 5
    assert syncd("actions", "list", "-o", "table", "--server", both).out.count(row["taken"]["sha256"]) == 1


class _Between:
    """What stands between a daemon and whoever asks it, and changes what comes by."""

    def __init__(self, app: ASGIApp, *, header: bytes = b"", byte: bytes = b"") -> None:
        self._app, self._header, self._byte = app, header, byte

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [one for one in message["headers"] if one[0] != self._header]
            elif self._byte and message["body"].startswith(b"id,"):
                message["body"] = message["body"].replace(self._byte, b"?", 1)
            await send(message)

        await self._app(scope, receive, changed)


@pytest.fixture
def daemon(both: str, tmp_path: Path) -> Iterator[ASGIApp]:
    opened = Database(f"sqlite:///{tmp_path / 'elsewhere' / 'syncd.db'}", Clock())
    connections = Connections(opened, Vault(generate_key()), Clock())
    yield create(Parts(opened, Cases(opened, site=both), connections, lambda _: None, Clock(), TOKEN))
    opened.close()


def test_what_was_changed_on_its_way_takes_no_place(syncd: Syncd, daemon: ASGIApp, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("whole\n")
    with serve(_Between(daemon, byte=b"d")) as url:
        ended = syncd("deliveries", "export", "--to", str(file), "--server", url)
        (row,) = syncd("actions", "list", "-o", "json", "--server", url).json
    came = hashlib.sha256(Path(f"{file}.part").read_bytes()).hexdigest()
    assert ended.code == 3
    assert f"What came has the SHA-256 {came}, and the daemon has sent {row['taken']['sha256']} (action 1)" in ended.err
    assert file.read_text() == "whole\n"
    assert not manifest_of(file).exists()


def test_of_a_daemon_that_keeps_no_digest_it_is_said(syncd: Syncd, daemon: ASGIApp, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    with serve(_Between(daemon, header=b"x-syncd-action")) as url:
        ended = syncd("deliveries", "export", "--to", str(file), "--server", url)
    said = (
        "What came cannot be held against what the daemon has sent: it is of an older release, which keeps no digest."
    )
    assert (ended.code, ended.err.splitlines()[0]) == (0, said)
    assert "action" not in json.loads(manifest_of(file).read_text())


def test_without_duckdb_it_is_said_before_anything_is_asked(both: str) -> None:
    words = ["deliveries", "export", "--format", "parquet", "--to", "rows.parquet"]
    script = f"import sys; sys.modules['duckdb'] = None; from syncd.cli.main import run; run({words!r})"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    said = "Parquet needs duckdb, which is not installed; install syncd[parquet], or use --format ndjson."
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr
    assert not Path("rows.parquet").exists()


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


@dataclass(frozen=True, slots=True)
class _Export:
    rows: int
    pieces: Iterator[bytes]
    action: int | None = None

    def sent(self) -> Sent | None:
        return None


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
        _written(_Export(2, _broken_off(end)), file, FileFormat.CSV)
    assert (file.read_text(), manifest_of(file).read_text()) == ("whole\n", "{}")
    assert Path(f"{file}.part").read_bytes() == b"ha"
    assert capsys.readouterr().err == (
        f"The export broke off: what had been written by then is in {file}.part; {file} is as it was.\n"
    )
    assert _written(_Export(1, iter([b"new\n"])), file, FileFormat.CSV)[1].size == 4
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
