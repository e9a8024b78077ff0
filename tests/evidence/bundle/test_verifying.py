"""Verifying: one byte that is otherwise, anywhere, fails; and what was done to a bundle is named."""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from syncd.errors import Misconfigured, NotFound
from syncd.evidence.bundle.archive import Archive
from syncd.evidence.bundle.layout import MANIFEST, SIGNATURE
from syncd.evidence.bundle.manifest import read
from syncd.evidence.bundle.signing import Signer, pem, public_in, spelt
from syncd.evidence.bundle.verifying import Trusted, summary, verify

from .sealed import ANSWER, FILES, SIGNER, TRUSTED, checked, kinds, manifest_in, rewritten, small

BUNDLE = small()


def test_a_bundle_is_good_by_the_key_or_by_its_fingerprint(tmp_path: Path) -> None:
    for trusted in (TRUSTED, Trusted(fingerprints=(SIGNER.fingerprint,))):
        found = checked(tmp_path, BUNDLE, trusted)
        assert (found.is_good, found.faults, found.files) == (True, (), 3)
        assert summary(found)["number"] == 1


@pytest.mark.parametrize(
    "line", [ANSWER.replace(b'"{}"', b'"{ }"'), b"{}\n", b"no JSON\n", b'{"body": 1, "sha256": ""}\n', b"[]\n"]
)
def test_an_answer_that_was_changed_before_it_was_signed_is_named(tmp_path: Path, line: bytes) -> None:
    found = checked(tmp_path, small(files={**FILES, "raw/users-0001.ndjson": ANSWER + line + ANSWER}))
    (fault,) = found.faults
    assert (fault.kind, fault.file) == ("page", "raw/users-0001.ndjson")
    assert fault.sentence.startswith("line 2 of raw/users-0001.ndjson has another SHA-256")


def test_every_program_opens_it_and_it_is_written_the_same_each_time() -> None:
    assert small() == BUNDLE
    with zipfile.ZipFile(BytesIO(BUNDLE)) as archive:
        assert archive.testzip() is None
        assert [one.filename for one in archive.infolist()] == [*FILES, MANIFEST, SIGNATURE]
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {name: archive.read(name) for name in FILES} == FILES


def test_one_changed_byte_anywhere_fails(tmp_path: Path) -> None:
    """Each byte of the whole file, one bit of it, and then all of them."""
    passed = []
    for at in range(len(BUNDLE)):
        for mask in (1 << at % 8, 0xFF):
            changed = bytearray(BUNDLE)
            changed[at] ^= mask
            if checked(tmp_path, bytes(changed)).is_good:
                passed.append((at, mask))
    assert passed == []


@settings(max_examples=300)
@given(st.data())
def test_a_byte_that_is_put_in_taken_out_or_moved_fails(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp()
    at = data.draw(st.integers(0, len(BUNDLE)))
    added = data.draw(st.binary(max_size=40))
    cut = data.draw(st.integers(0, 40))
    changed = BUNDLE[:at] + added + BUNDLE[at + cut :]
    assert checked(folder, changed).is_good == (changed == BUNDLE)


@given(st.binary(max_size=400))
def test_no_file_of_a_stranger_breaks_it(tmp_path_factory: pytest.TempPathFactory, rubbish: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert not checked(folder, rubbish).is_good
    assert not checked(folder, rubbish + BUNDLE[-22:]).is_good
    assert not checked(folder, BUNDLE[:-22] + rubbish + BUNDLE[-22:]).is_good or not rubbish


@pytest.mark.parametrize(
    ("changed", "kind", "file"),
    [
        ((("report.json", b'{"a": 2}\n'),), "changed", "report.json"),
        ((("rules.json", None),), "missing", "rules.json"),
        ((("extra.txt", b"hello"),), "added", "extra.txt"),
        (((MANIFEST, None),), "missing", MANIFEST),
        (((SIGNATURE, None),), "missing", SIGNATURE),
    ],
)
def test_the_file_is_named(tmp_path: Path, changed: tuple[tuple[str, bytes | None], ...], kind: str, file: str) -> None:
    found = checked(tmp_path, rewritten(BUNDLE, changed))
    assert [(one.kind, one.file) for one in found.faults] == [(kind, file)]
    assert file in found.faults[0].sentence


def test_several_changes_are_all_named(tmp_path: Path) -> None:
    changed = rewritten(BUNDLE, [("report.json", b"x"), ("rules.json", None), ("a.txt", b"")])
    assert {(one.kind, one.file) for one in checked(tmp_path, changed).faults} == {
        ("changed", "report.json"),
        ("missing", "rules.json"),
        ("added", "a.txt"),
    }


def test_a_manifest_that_was_changed_or_signed_by_another_is_not_believed(tmp_path: Path) -> None:
    manifest = manifest_in(BUNDLE)
    fewer = manifest.replace(b'"asked_by": "Ana"', b'"asked_by": "Eve"')
    assert kinds(checked(tmp_path, rewritten(BUNDLE, [(MANIFEST, fewer)]))) == {"signature"}
    other = Signer.made()
    resigned = rewritten(BUNDLE, [(SIGNATURE, other.sign(manifest))])
    assert kinds(checked(tmp_path, resigned)) == {"signature"}
    assert kinds(checked(tmp_path, rewritten(BUNDLE, [(SIGNATURE, b"short")]))) == {"signature"}


def test_a_key_inside_the_bundle_proves_nothing(tmp_path: Path) -> None:
    """Whoever signs everything anew brings a key that fits; it is not the one that was told."""
    forged = small(key=Signer.made())
    for trusted in (TRUSTED, Trusted(fingerprints=(SIGNER.fingerprint,))):
        found = checked(tmp_path, forged, trusted)
        assert kinds(found) == {"key"}
        assert SIGNER.fingerprint in found.faults[0].sentence
        assert found.manifest is None


def test_a_bundle_that_names_our_key_and_is_signed_by_another_is_no_better(tmp_path: Path) -> None:
    eve = Signer.made()
    lying = rewritten(BUNDLE, [(SIGNATURE, eve.sign(manifest_in(BUNDLE)))])
    assert not checked(tmp_path, lying, Trusted(fingerprints=(SIGNER.fingerprint,))).is_good


def test_words_behind_the_end_and_comments_are_named(tmp_path: Path) -> None:
    for changed in (BUNDLE + b"x", BUNDLE[:-2] + struct.pack("<H", 5) + b"hello"):
        found = checked(tmp_path, changed)
        assert [one.kind for one in found.faults] == ["archive"]
        assert "behind the end" in found.faults[0].sentence


def _with_stdlib(files: list[tuple[str, bytes]]) -> bytes:
    place = BytesIO()
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return place.getvalue()


def test_a_bundle_that_another_program_packed_again_fails(tmp_path: Path) -> None:
    """Its files are the same, and the file is not."""
    with zipfile.ZipFile(BytesIO(BUNDLE)) as archive:
        again = _with_stdlib([(one.filename, archive.read(one)) for one in archive.infolist()])
    assert not checked(tmp_path, again).is_good


def _smuggled(name: str, content: bytes = b"evil") -> bytes:
    """Into an archive in the right form."""
    return rewritten(BUNDLE, [(name, content)])


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/../../b", "..\\evil", "c:evil", "a//b"])
def test_a_name_that_leads_out_of_its_folder_is_named(tmp_path: Path, name: str) -> None:
    found = checked(tmp_path, _smuggled(name))
    assert {"path", "added"} <= kinds(found)


def test_a_name_that_is_there_twice_is_named(tmp_path: Path) -> None:
    changed = _smuggled("report.jsox").replace(b"report.jsox", b"report.json")
    found = checked(tmp_path, changed)
    assert ("duplicate", "report.json") in {(one.kind, one.file) for one in found.faults}


def test_a_bomb_is_never_unpacked(tmp_path: Path) -> None:
    """It is not what was signed, and that is known before it is unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(bytes(50_000_000)) + packer.flush()
    found = checked(tmp_path, _smuggled("report.json", bomb))
    assert kinds(found) == {"changed"}
    packed = _with_stdlib([(MANIFEST, bytes(80_000_000)), (SIGNATURE, b"x" * 64)])
    assert kinds(checked(tmp_path, packed)) <= {"changed", "archive"}


@pytest.mark.parametrize("lie", [{"size": 10}, {"sha256": "0" * 64}])
def test_one_that_becomes_something_else_than_was_signed_is_changed(tmp_path: Path, lie: dict[str, Any]) -> None:
    """Signed by ourselves, so that nothing but its content speaks against it."""
    place = BytesIO()
    archive = Archive(place)
    written = archive.add("a.json", (bytes(100_000),))
    manifest = replace(read(manifest_in(BUNDLE)), files=(replace(written, **lie),)).written()
    archive.add(MANIFEST, (manifest,))
    archive.add(SIGNATURE, (SIGNER.sign(manifest),))
    archive.close()
    assert kinds(checked(tmp_path, place.getvalue())) == {"changed"}


@pytest.mark.parametrize("ending", [b" ", b"\n{}"])
def test_a_manifest_that_is_spelt_otherwise_is_none_whoever_signed_it(tmp_path: Path, ending: bytes) -> None:
    """Two programs might read it in two ways."""
    manifest = manifest_in(BUNDLE) + ending
    changed = rewritten(BUNDLE, [(MANIFEST, manifest), (SIGNATURE, SIGNER.sign(manifest))])
    assert kinds(checked(tmp_path, changed)) == {"manifest"}


def test_a_key_of_its_own_that_is_none_is_no_key(tmp_path: Path) -> None:
    odd = rewritten(BUNDLE, [(MANIFEST, replace(read(manifest_in(BUNDLE)), public_key="\ud800").written())])
    assert kinds(checked(tmp_path, odd, Trusted(fingerprints=(SIGNER.fingerprint,)))) == {"key"}


def test_more_files_than_any_bundle_has_are_not_looked_at(tmp_path: Path) -> None:
    many = BUNDLE[:-22] + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 60_000, 60_000, 0, len(BUNDLE) - 22, 0)
    assert "60000 files" in checked(tmp_path, many).faults[0].sentence


def test_what_cannot_be_read_is_said_and_not_taken_for_a_bad_bundle(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no .*nothing\.zip"):
        verify(tmp_path / "nothing.zip", TRUSTED)
    with pytest.raises(Misconfigured, match="cannot be read"):
        verify(tmp_path, TRUSTED)


def test_a_key_file_is_read_and_another_refused(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    file.write_text(pem(SIGNER.public), encoding="ascii")
    assert Signer.of(SIGNER.secret()).fingerprint == SIGNER.fingerprint
    assert pem(public_in(file)) == SIGNER.pem
    file.write_text("-----BEGIN PUBLIC KEY-----\nrubbish\n-----END PUBLIC KEY-----\n", encoding="ascii")
    with pytest.raises(Misconfigured, match="has no Ed25519 public key in PEM"):
        public_in(file)
    with pytest.raises(NotFound, match="syncd evidence key --to"):
        public_in(tmp_path / "none.pem")


def test_a_fingerprint_is_read_as_people_copy_it() -> None:
    spaced = ":".join(SIGNER.fingerprint[at : at + 2] for at in range(0, 64, 2)).upper()
    assert spelt(f" SHA256:{spaced}\n") == SIGNER.fingerprint
    with pytest.raises(Misconfigured, match="64 hexadecimal digits"):
        spelt("abc")
