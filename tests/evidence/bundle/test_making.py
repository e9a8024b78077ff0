"""Making bundles: all that an answer was made from is in one, it is kept as a snapshot, and nothing half is ever left."""

from __future__ import annotations

import csv
import fcntl
import io
import json
import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from syncd.connections.vault import Vault, generate_key
from syncd.errors import Misconfigured
from syncd.evidence.bundle import keys
from syncd.evidence.bundle.chain import broken, link_of, of_database
from syncd.evidence.bundle.layout import MANIFEST, SIGNATURE
from syncd.evidence.bundle.making import excerpt, report_in
from syncd.evidence.bundle.verifying import Trusted, verify
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.report.html import page
from syncd.evidence.report.plain import canonical
from syncd.evidence.spans import Span
from syncd.store.database import Database, Tx
from syncd.store.evidence import snapshots
from syncd.store.evidence.pages import RawPage
from tests.evidence.account import NOW
from tests.evidence.held import Held, pages, question
from tests.evidence.report.made import wrong

from .sealed import contents, fingerprint_of, maker, rewritten


def good(path: Path) -> bool:
    return verify(path, Trusted(fingerprints=(fingerprint_of(path),))).is_good


def test_everything_an_answer_was_made_from_is_in_it(db: Database, tmp_path: Path) -> None:
    path = tmp_path / "acme.zip"
    kept = maker(db, Held(wrong())).make(question(), path)
    assert good(path)
    found = contents(path)
    report = json.loads(found["report.json"])
    assert report == report_in(kept)
    assert found["report.html"].decode() == page(report)
    assert [one["id"] for one in json.loads(found["catalogue.json"])] == [one.id for one in CATALOGUE]
    assert json.loads(found["rules.json"]) == report["rules"]
    raw = [json.loads(line) for name in found if name.startswith("raw/") for line in found[name].splitlines()]
    assert [one["body"].encode() for one in raw] == [one.body for one in pages()]
    assert all(sha256(one["body"].encode()).hexdigest() == one["sha256"] for one in raw)
    assert raw[0]["request"] == "GET /incidents?limit=100&offset=0"
    rows = list(csv.DictReader(io.StringIO(found["rows/services.csv"].decode())))
    assert [one["id"] for one in rows] == ["S1", "S2"]
    assert [one["id"] for one in map(json.loads, found["rows/services.ndjson"].splitlines())] == ["S1", "S2"]
    assert b"digest-" not in found["rows/users.ndjson"]


def test_the_manifest_says_what_it_answers_and_names_the_one_before(db: Database, tmp_path: Path) -> None:
    make, vault = maker(db), Vault(generate_key())
    make = replace(make, vault=vault)
    first = make.make(question(), tmp_path / "1.zip")
    second = make.make(question(asked_by="Ben"), tmp_path / "2.zip")
    manifest = json.loads(contents(tmp_path / "2.zip")[MANIFEST])
    assert (manifest["number"], manifest["previous"], manifest["asked_by"]) == (2, first.sha256, "Ben")
    assert manifest["window"] == {"start": "2026-10-18T12:00:00Z", "end": "2026-11-17T12:00:00Z"}
    assert (manifest["account"], manifest["pseudonyms"]) == ({"name": "acme", "subdomain": "acme-inc"}, False)
    found = contents(tmp_path / "2.zip")
    told = {one["name"]: (one["size"], one["sha256"]) for one in manifest["files"]}
    assert told == {
        name: (len(content), sha256(content).hexdigest())
        for name, content in found.items()
        if name not in {MANIFEST, SIGNATURE}
    }
    assert second.sha256 == sha256(found[MANIFEST]).hexdigest()
    assert of_database(db)[1] == []


def test_the_same_answer_is_the_same_bundle_but_for_its_number(db: Database, tmp_path: Path) -> None:
    make = maker(db)
    for name in "12":
        make.make(question(), tmp_path / f"{name}.zip")
    one, other = (contents(tmp_path / f"{name}.zip") for name in "12")
    assert {name: content for name, content in one.items() if not name.startswith("manifest")} == {
        name: content for name, content in other.items() if not name.startswith("manifest")
    }


def test_a_snapshot_without_a_bundle_has_the_digests_of_all_that_would_be_in_it(db: Database, tmp_path: Path) -> None:
    make = maker(db)
    kept = make.make(question(), None)
    make.make(question(), tmp_path / "2.zip")
    files = [json.loads(one)["files"] for one in (kept.manifest, contents(tmp_path / "2.zip")[MANIFEST])]
    assert files[0] == files[1]
    assert list(tmp_path.glob("*.part")) == []


class _Breaking(Held):
    """Pages whose reading ends otherwise than it should."""

    def pages(self, tx: Tx, slug: str, window: Span, at: object) -> Iterator[RawPage]:
        yield from super().pages(tx, slug, window, at)
        raise KeyboardInterrupt


def test_ctrl_c_leaves_nothing(db: Database, tmp_path: Path) -> None:
    folder = tmp_path / "bundles"
    folder.mkdir()
    with pytest.raises(KeyboardInterrupt):
        maker(db, _Breaking()).make(question(), folder / "acme.zip")
    assert list(folder.iterdir()) == []
    with db.read() as tx:
        assert snapshots.listing(tx) == []


def test_a_folder_that_is_not_there_is_said(db: Database, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be written"):
        maker(db).make(question(), tmp_path / "none" / "acme.zip")
    with db.read() as tx:
        assert snapshots.listing(tx) == []


def test_several_at_once_follow_one_another(db: Database, tmp_path: Path) -> None:
    make = maker(db)
    keys.signer(make.db, make.vault)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda at: make.make(question(), tmp_path / f"{at}.zip"), range(8)))
    assert sorted(one.number for one in made) == list(range(1, 9))
    links, faults = of_database(db)
    assert (len(links), faults) == (8, [])
    assert all(good(tmp_path / f"{at}.zip") for at in range(8))


def test_of_the_past_incidents_are_as_they_are_known_today(db: Database) -> None:
    """Configuration as it was known at the end of that time; what was collected later is about incidents all the same."""
    asked: list[object] = []

    class Watched(Held):
        def facts(self, tx: Tx, slug: str, window: Span, at: object) -> object:  # type: ignore[override]
            asked.append(at)
            return super().facts(tx, slug, window, at)

    end = NOW - timedelta(days=20)
    past = question(window=Span(end - timedelta(days=10), end))
    maker(db, Watched()).make(past, None)  # type: ignore[arg-type]
    assert asked == [end, NOW]


def test_last_quarters_answer_is_given_again_to_the_byte(db: Database, tmp_path: Path) -> None:
    make = maker(db, Held(wrong()))
    make.make(question(), tmp_path / "1.zip")
    replace(make, known=Held()).make(question(), None)
    with db.read() as tx:
        kept = snapshots.get(tx, "acme", 1)
    assert kept is not None
    found = contents(tmp_path / "1.zip")
    assert canonical(report_in(kept)) == found["report.json"]
    assert page(report_in(kept)).encode() == found["report.html"]


def test_the_key_is_made_once_and_what_an_old_one_signed_is_good_for_good(db: Database, tmp_path: Path) -> None:
    make = maker(db)
    with ThreadPoolExecutor(4) as pool:
        assert len({one.fingerprint for one in pool.map(lambda _: keys.signer(make.db, make.vault), range(8))}) == 1
    old = make.make(question(), tmp_path / "1.zip")
    new = keys.rotate(make.db, make.vault)
    assert make.make(question(), tmp_path / "2.zip").fingerprint == new.fingerprint != old.fingerprint
    first, second = keys.listing(db)
    assert (first.fingerprint, first.sealed, first.retired_at is not None) == (old.fingerprint, None, True)
    assert second.retired_at is None
    assert first.public_key.startswith("-----BEGIN PUBLIC KEY-----")
    assert of_database(db)[1] == []
    assert all(good(tmp_path / f"{at}.zip") for at in (1, 2))


def test_an_excerpt_proves_a_snapshot_whose_bundle_was_never_given(db: Database, tmp_path: Path) -> None:
    make = maker(db, Held(wrong()))
    make.make(question(), tmp_path / "1.zip")
    kept = make.make(question(), None, hides_names=True)
    make.make(question(), tmp_path / "3.zip")
    excerpt(kept, tmp_path / "2.zip")
    assert list(contents(tmp_path / "2.zip")) == ["report.json", MANIFEST, SIGNATURE]
    trusted = Trusted(fingerprints=(kept.fingerprint,))
    strict = verify(tmp_path / "2.zip", trusted)
    assert [one.kind for one in strict.faults] == ["excerpt"]
    assert "not the " in strict.faults[0].sentence
    found = [verify(tmp_path / f"{at}.zip", trusted, takes_excerpts=True) for at in (1, 2, 3)]
    assert all(one.is_good for one in found)
    links = [link for one in found if (link := link_of(one)) is not None]
    assert list(broken(links, is_whole=True)) == []
    assert len(list(broken(links[::2], is_whole=True))) == 1


def test_an_excerpt_is_no_less_strict(db: Database, tmp_path: Path) -> None:
    kept = maker(db).make(question(), None)
    excerpt(kept, tmp_path / "1.zip")
    whole = (tmp_path / "1.zip").read_bytes()
    trusted = Trusted(fingerprints=(kept.fingerprint,))
    for at in range(0, len(whole), 97):
        changed = bytearray(whole)
        changed[at] ^= 1
        (tmp_path / "2.zip").write_bytes(changed)
        assert not verify(tmp_path / "2.zip", trusted, takes_excerpts=True).is_good
    (tmp_path / "2.zip").write_bytes(rewritten(whole, [("report.json", None)]))
    assert not verify(tmp_path / "2.zip", trusted, takes_excerpts=True).is_good


def test_what_a_bundle_that_was_killed_has_left_goes_with_the_next_one_and_nothing_else_does(
    db: Database, tmp_path: Path
) -> None:
    tmp_path /= "bundles"
    tmp_path.mkdir()
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = [tmp_path / f".acme.zip.{pid}.part" for pid in (ended.pid, os.getpid())]
    alive = tmp_path / f".acme.zip.{os.getppid()}.part"
    shared = tmp_path / f".other.zip.{ended.pid}.part"
    kept = [alive, shared, tmp_path / ".notes.part", tmp_path / "acme.zip.1.part"]
    for one in (*dead, *kept):
        one.write_bytes(b"half")
    with shared.open("rb") as held:  # by a process of another machine
        fcntl.flock(held, fcntl.LOCK_EX)
        maker(db).make(question(), tmp_path / "acme.zip")
    assert sorted(tmp_path.iterdir()) == sorted([*kept, tmp_path / "acme.zip"])
