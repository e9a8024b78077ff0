"""Commands of evidence on a daemon elsewhere: the same answers as beside its database."""

from __future__ import annotations

import hashlib
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from syncd.cli.remote_evidence import RemoteEvidence
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.vault import Vault, generate_key
from syncd.console.parts import Parts
from syncd.errors import Unavailable
from syncd.simulator import serve
from syncd.store.cases import Cases
from syncd.store.database import Database
from tests.cli.conftest import TOKEN, Syncd
from tests.console.checked import create
from tests.console.collected import collect_into

MARCH = ("--period", "2026-02-01..2026-03-02")


@pytest.fixture(scope="module")
def collected_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Path:
    file = tmp_path_factory.mktemp("collected") / "collected.db"
    shutil.copy(migrated_file, file)
    collect_into(file)
    return file


@pytest.fixture
def far(home: Path, collected_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """A daemon over the very database that is here as well."""
    shutil.copy(collected_file, home / "syncd.db")
    db = Database(f"sqlite:///{home / 'syncd.db'}", Clock())
    connections = Connections(db, Vault(generate_key()), Clock())
    parts = Parts(db, Cases(db, site="http://there"), connections, lambda _: None, Clock(), TOKEN)
    monkeypatch.setenv("SYNCD_TOKEN", TOKEN)
    with serve(create(parts)) as url:
        yield "--server", url
    db.close()


def test_report_status_and_snapshots_are_the_same_as_here(syncd: Syncd, far: tuple[str, str]) -> None:
    here, there = (syncd("evidence", "report", "acme", *MARCH, *more) for more in ((), far))
    for one in (here.json, there.json):
        assert one["counts"]["fail"] > 10
    same = ("controls", "exceptions", "coverage", "times", "datasets", "rules", "window", "known_at")
    assert [name for name in same if here.json[name] != there.json[name]] == []
    for words in (("status",), ("status", "--due", "30d"), ("snapshots", "acme")):
        told = [_standing(syncd("evidence", *words, *more).json) for more in ((), far)]
        assert told[0] == told[1]
    columns = syncd("evidence", "status", *far, "-o", "table").out.split("\n")[0].split()
    assert columns[:5] == ["DATASET", "STATE", "COLLECTED_AT", "NEXT_AT", "REQUESTS"]
    found = syncd("evidence", "report", "--check", "SVC-01", *MARCH, *far)
    assert {one["check"] for one in found.json} == {"SVC-01"}


def _standing(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Without what is as new as the question: our own cases, and when something is due that never was."""
    kept = [one for one in rows if one.get("dataset") != "cases"]
    return [{name: value for name, value in one.items() if name != "next_at"} for one in kept]


def test_something_is_accepted_there_and_taken_back(syncd: Syncd, far: tuple[str, str]) -> None:
    words = ("accept", "SVC-05", "PNONE", "--until", "2030-12-31", "--why", "It is old.", "--by", "Ana")
    given = syncd("evidence", *words, *far, "-o", "json")
    assert given.code == 0, given.err
    assert (given.code, given.json["by"], "accepted beforehand" in given.err) == (0, "Ana", True)
    (here,) = syncd("evidence", "accept", "--list").json
    (there,) = syncd("evidence", "accept", "--list", *far).json
    assert here == there
    gone = syncd("evidence", "accept", "--withdraw", str(here["id"]), "--by", "Ben", *far, "-o", "json")
    assert gone.json["withdrawn_by"] == "Ben"
    assert syncd("evidence", "accept", "--withdraw", "9", *far).code == 4
    assert syncd("evidence", "accept", "SVC-05", *far).code == 2


def test_a_bundle_is_written_here_and_what_changed_since_is_told(
    syncd: Syncd, far: tuple[str, str], home: Path
) -> None:
    made = syncd("evidence", "bundle", "-O", "acme.zip", *MARCH, "--by", "Ana", *far, "-o", "json")
    assert made.code == 0, made.err
    assert (made.code, made.json["number"], made.json["account"]) == (0, 1, "acme")
    assert stat.S_IMODE((home / "acme.zip").stat().st_mode) == 0o600, "as one that is made beside the database"
    checked = syncd("evidence", "verify", "acme.zip", "--fingerprint", made.json["fingerprint"], "-o", "json")
    assert (checked.code, checked.json["good"]) == (0, True)
    before = hashlib.sha256((home / "acme.zip").read_bytes()).hexdigest()
    assert syncd("evidence", "bundle", "-O", "acme.zip", *far).code == 2, "one that is there is left alone"
    assert hashlib.sha256((home / "acme.zip").read_bytes()).hexdigest() == before
    here, there = (syncd("evidence", "diff", "1", *more) for more in ((), far))
    assert [here.code, there.code] == [0, 0]
    assert {(one["what"], one["check"]) for one in here.json} == {(one["what"], one["check"]) for one in there.json}
    assert syncd("evidence", "diff", "7", *far).code == 4


def test_a_snapshot_is_given_again_from_there(syncd: Syncd, far: tuple[str, str], home: Path) -> None:
    made = syncd("evidence", "bundle", "-O", "acme.zip", *MARCH, *far, "-o", "json")
    again = syncd("evidence", "bundle", "acme", "--snapshot", "1", "-O", "1.zip", *far, "-o", "json")
    assert (again.code, again.json["number"], again.json["fingerprint"]) == (0, 1, made.json["fingerprint"]), again.err
    trust = ("--fingerprint", made.json["fingerprint"], "--excerpts", "-o", "json")
    (told,) = syncd("evidence", "verify", "1.zip", *trust).json["bundles"]
    assert (told["good"], told["excerpt"]) == (True, True)
    assert len(syncd("evidence", "snapshots").json) == 1, "none was made for it"
    assert syncd("evidence", "bundle", "acme", "--snapshot", "9", "-O", "9.zip", *far).code == 4
    assert sorted(one.name for one in home.glob("*.zip*")) == ["1.zip", "acme.zip"]
    assert syncd("evidence", "bundle", "-O", "-", *far).code == 2
    assert not (home / "-").exists()


@pytest.mark.parametrize("stops", [False, True], ids=["another digest", "Ctrl-C"])
def test_a_bundle_that_is_cut_off_leaves_nothing_and_names_its_snapshot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], stops: bool
) -> None:
    headers = {"x-syncd-snapshot": "3", "x-syncd-fingerprint": "ab", "x-syncd-sha256": "0"}

    def pieces() -> Iterator[bytes]:
        yield b"half"
        if stops:
            raise KeyboardInterrupt

    @contextmanager
    def send(_path: str, _fields: object) -> Iterator[httpx.Response]:
        yield httpx.Response(200, headers=headers, content=pieces())

    far = RemoteEvidence(lambda *_, **__: None, send)
    with pytest.raises((KeyboardInterrupt, Unavailable)):
        far.bundle("acme", {}, tmp_path / "acme.zip")
    assert list(tmp_path.iterdir()) == []
    said = capsys.readouterr().err
    assert "Snapshot 3 of acme is kept there: `syncd evidence bundle acme --snapshot 3 -O FILE`" in said
    assert "export" not in said


def test_collecting_is_left_to_the_workers_there(syncd: Syncd, far: tuple[str, str]) -> None:
    asked = syncd("evidence", "collect", "--dataset", "services", "--by", "Ana", *far, "-o", "json")
    assert asked.code == 0, asked.err
    assert (asked.code, [one["dataset"] for one in asked.json["collections"]]) == (0, ["services"])
    assert syncd("evidence", "collect", "--dataset", "cases", *far).code == 2
    told = syncd("evidence", "collect", "--since", "2026-01-01", *far, "-o", "table")
    assert "are collected by the workers" in told.out


def test_an_account_that_is_not_there_is_named(syncd: Syncd, far: tuple[str, str]) -> None:
    assert syncd("evidence", "report", "nobody", *far).code == 4
    assert syncd("evidence", "report", "--keep", *far).code == 2
