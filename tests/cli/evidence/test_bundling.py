"""`syncd evidence bundle`, `key` and `verify`: made here, verified anywhere."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from syncd.store.database import Database
from tests.cli.conftest import Syncd
from tests.evidence.bundle.sealed import SIGNER, chain, contents

pytestmark = pytest.mark.usefixtures("giving")


@pytest.fixture
def key(syncd: Syncd) -> str:
    (found,) = syncd("evidence", "key").json
    return str(found["fingerprint"])


def test_a_bundle_is_made_and_verified_where_there_is_no_daemon(
    syncd: Syncd, home: Path, key: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = syncd("evidence", "bundle", "-O", "acme.zip", "--by", "Ana")
    assert (made.code, made.json["number"], made.json["fingerprint"]) == (0, 1, key)
    assert syncd("evidence", "key", "--to", "key.pem").code == 0
    elsewhere = tmp_path_factory.mktemp("auditor")
    for name in ("acme.zip", "key.pem"):
        shutil.copy(home / name, elsewhere / name)
    monkeypatch.setenv("SYNCD_HOME", str(elsewhere / "none"))
    monkeypatch.chdir(elsewhere)
    for trust in (("--key", "key.pem"), ("--fingerprint", key)):
        found = syncd("evidence", "verify", "acme.zip", *trust)
        assert (found.code, found.json["good"], found.json["bundles"][0]["asked_by"]) == (0, True, "Ana")
    assert (
        "each as it was signed. Snapshot 1 of acme"
        in syncd("evidence", "verify", "acme.zip", "--key", "key.pem", "-o", "table").out
    )
    assert not (elsewhere / "none").exists()


def test_openssl_says_the_same_of_the_signature(syncd: Syncd, home: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here")
    syncd("evidence", "bundle", "-O", "acme.zip")
    syncd("evidence", "key", "--to", "key.pem")
    for name, content in contents(home / "acme.zip").items():
        if "/" not in name:
            (home / name).write_bytes(content)
    words = [
        "pkeyutl",
        "-verify",
        "-rawin",
        "-pubin",
        "-inkey",
        "key.pem",
        "-in",
        "manifest.json",
        "-sigfile",
        "manifest.sig",
    ]
    assert subprocess.run([openssl, *words], cwd=home, capture_output=True, check=False).returncode == 0
    with (home / "manifest.json").open("ab") as file:
        file.write(b" ")
    assert subprocess.run([openssl, *words], cwd=home, capture_output=True, check=False).returncode != 0


def test_a_flipped_byte_is_exit_1_with_the_file_named(syncd: Syncd, home: Path, key: str) -> None:
    syncd("evidence", "bundle", "-O", "acme.zip")
    content = bytearray((home / "acme.zip").read_bytes())
    content[content.index(b"report.html") + 40] ^= 1
    (home / "acme.zip").write_bytes(content)
    found = syncd("evidence", "verify", "acme.zip", "--fingerprint", key)
    assert (found.code, found.json["good"]) == (1, False)
    assert [(one["kind"], one["file"]) for one in found.json["bundles"][0]["faults"]] == [("changed", "report.html")]
    assert (
        syncd("evidence", "verify", "acme.zip", "--fingerprint", key, "-o", "table").out
        == "! acme.zip: report.html was changed.\n"
    )


def test_a_bundle_is_never_overwritten_and_without_a_key_nothing_is_verified(
    syncd: Syncd, home: Path, key: str
) -> None:
    (home / "acme.zip").write_bytes(b"dear")
    found = syncd("evidence", "bundle", "-O", "acme.zip")
    assert (found.code, (home / "acme.zip").read_bytes()) == (2, b"dear")
    assert syncd("evidence", "snapshots").json == []
    for words, says in {
        ("acme.zip",): "By which key? Give --key FILE or --fingerprint HEX",
        (): "There is nothing to verify",
        ("--chain", "acme.zip", "--fingerprint", key): "is no folder",
        ("acme.zip", "--key", "acme.zip"): "has no Ed25519 public key",
    }.items():
        refused = syncd("evidence", "verify", *words)
        assert (refused.code, says in refused.err) == (2, True), refused.err
    assert syncd("evidence", "verify", "none.zip", "--fingerprint", key).code == 4


def test_a_snapshot_that_was_removed_is_named_from_a_folder(syncd: Syncd, home: Path) -> None:
    folder = home / "bundles"
    folder.mkdir()
    chain(folder, 3)
    trust = ("--fingerprint", SIGNER.fingerprint)
    (folder / "old.zip").mkdir()
    whole = syncd("evidence", "verify", "--chain", str(folder), *trust)
    assert (whole.code, "old.zip is a folder, and no bundle: it is left out." in whole.err) == (0, True)
    (folder / "2.zip").unlink()
    found = syncd("evidence", "verify", "--chain", str(folder), *trust)
    assert (found.code, found.json["chain"][0]["kind"]) == (1, "chain")
    assert found.json["chain"][0]["sentence"].startswith("Snapshot 2 of acme (inc) is missing")


def test_an_answer_that_was_only_kept_is_given_as_an_excerpt(syncd: Syncd, home: Path, key: str) -> None:
    syncd("evidence", "report", "--keep")
    given = syncd("evidence", "bundle", "--snapshot", "1", "-O", "1.zip", "-o", "json")
    assert (given.code, given.json["number"]) == (0, 1)
    assert syncd("evidence", "snapshots").json[0]["sha256"] == given.json["sha256"]
    assert syncd("evidence", "verify", "1.zip", "--fingerprint", key).code == 1
    content = syncd("evidence", "verify", "1.zip", "--fingerprint", key, "--excerpts", "-o", "table")
    assert (content.code, "1.zip: an excerpt: its report is as it was signed; the " in content.out) == (0, True)
    assert " other files are not in it. Snapshot 1 of acme" in content.out
    (told,) = syncd("evidence", "verify", "1.zip", "--fingerprint", key, "--excerpts", "-o", "json").json["bundles"]
    assert (told["good"], told["excerpt"], told["files"]) == (True, True, 1)
    assert syncd("evidence", "bundle", "-O", "2.zip").code == 0
    (told,) = syncd("evidence", "verify", "2.zip", "--fingerprint", key, "-o", "json").json["bundles"]
    assert (told["excerpt"], told["files"] > 5) == (False, True)
    assert syncd("evidence", "bundle", "--snapshot", "9", "-O", "9.zip").code == 4
    assert not (home / "9.zip").exists()


@pytest.mark.parametrize("words", [("--pseudonyms",), ("--period", "7d"), ("--period", "7d", "--pseudonyms")])
@pytest.mark.parametrize("where", [(), ("--server", "http://127.0.0.1:9")])
def test_what_was_answered_is_not_given_with_other_names_or_of_another_time(
    syncd: Syncd, home: Path, words: tuple[str, ...], where: tuple[str, ...]
) -> None:
    syncd("evidence", "report", "--keep")
    refused = syncd("evidence", "bundle", "--snapshot", "1", "-O", "1.zip", *words, *where)
    assert (refused.code, (home / "1.zip").exists()) == (2, False)
    named = " and ".join(one for one in ("--period", "--pseudonyms") if one in words)
    assert refused.err == (
        "syncd: --snapshot 1 gives again what was answered then, of its own time and with the names in it; leave "
        f"{named} out, or --snapshot.\n"
    )
    assert syncd("evidence", "report", "--snapshot", "1", "--period", "7d", *where).code == 2


def test_the_snapshots_kept_here_and_a_bundle_that_is_not_among_them(
    syncd: Syncd, home: Path, key: str, store: Database
) -> None:
    for name in "12":
        syncd("evidence", "bundle", "-O", f"{name}.zip")
    told = syncd("evidence", "verify", "--snapshots").json
    by = "by the keys kept here, which whoever can write this database can replace"
    assert told == {"good": True, "bundles": [], "chain": [], "snapshots": 2, "snapshots_by": by}
    assert syncd("evidence", "verify", "--snapshots", "--fingerprint", key).json["snapshots_by"] == f"by {key}"
    other = syncd("evidence", "verify", "--snapshots", "--fingerprint", "0" * 64)
    assert (other.code, {one["kind"] for one in other.json["chain"]}) == (1, {"key"})
    assert (
        "2 snapshots are kept here, each as it was signed"
        in syncd("evidence", "verify", "--snapshots", "-o", "table").out
    )
    with store.write() as tx:
        for trigger in ("evidence_snapshots_stay", "evidence_snapshots_stand"):
            tx.exec_driver_sql(f"DROP TRIGGER {trigger}")
        tx.exec_driver_sql("DELETE FROM evidence_snapshots WHERE number = 2")
    assert syncd("evidence", "verify", "--snapshots").code == 0
    found = syncd("evidence", "verify", "--snapshots", "1.zip", "2.zip", "--fingerprint", key)
    assert (found.code, found.json["chain"][0]["sentence"]) == (
        1,
        "2.zip is snapshot 2 of acme, which is not kept here",
    )


def test_the_key_is_exchanged_and_old_ones_are_still_given_out(syncd: Syncd, home: Path, key: str) -> None:
    old, new = syncd("evidence", "key", "--rotate").json
    assert (old["fingerprint"], old["state"], new["state"]) == (key, "retired", "signs")
    assert "PRIVATE" not in str((old, new))
    assert syncd("evidence", "key", "--to", "old.pem", "--of", key).code == 0
    assert (home / "old.pem").read_text() == old["public_key"]
    assert syncd("evidence", "key", "--to", "x.pem", "--of", "0" * 64).code == 4
    wrong = syncd("evidence", "key", "--to", "x.pem", "--of", "abc")
    assert (wrong.code, "--of takes a fingerprint, which is 64 hexadecimal digits, and 'abc' is none" in wrong.err) == (
        2,
        True,
    )
    assert len(syncd("evidence", "key").json) == 2


def test_exchanging_master_keys_seals_the_signing_key_anew(syncd: Syncd, key: str) -> None:
    assert syncd("keys", "rotate").code == 0
    assert syncd("evidence", "bundle", "-O", "acme.zip").json["fingerprint"] == key


def test_people_stay_out_of_it_when_that_is_asked_for(syncd: Syncd, home: Path) -> None:
    syncd("evidence", "bundle", "-O", "acme.zip", "--by", "Ana Auditor", "--pseudonyms")
    assert not any(b"Ana Auditor" in one for one in contents(home / "acme.zip").values())


def _at_a_terminal(home: Path, *words: str) -> str:
    """What a person sees beside the data."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as shown:
        with os.fdopen(theirs, "wb") as terminal:
            command = [sys.executable, "-m", "syncd", *words]
            subprocess.run(command, cwd=home, stdout=subprocess.DEVNULL, stderr=terminal, check=True)
        seen = b""
        with suppress(OSError):  # Its other end is closed.
            while piece := shown.read(65_536):
                seen += piece
    return seen.decode()


def test_whoever_waits_at_a_terminal_sees_how_far_it_is(syncd: Syncd, home: Path) -> None:
    seen = _at_a_terminal(home, "evidence", "bundle", "-O", "acme.zip")
    assert "0 MiB  report.json" in seen
    assert seen.endswith("\r\x1b[K")
    assert syncd("evidence", "bundle", "-O", "2.zip").err == ""
