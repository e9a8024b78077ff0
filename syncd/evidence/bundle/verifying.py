"""Verifying a bundle without anybody's help: no network, no database, and no key but the one that was given from outside.

Nothing is unpacked that was not signed: first the signature over the manifest, then each file as it stands there, then what it becomes.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from syncd.errors import Misconfigured, NotFound

from . import lines
from .archive import Written
from .contents import RAW, REPORT
from .layout import MANIFEST, SIGNATURE, Entry
from .manifest import Manifest, NoManifest, read, sha256
from .reading import Fault, Found, NoArchive, found_in, is_ours, misplaced, pieces, unpacked, whole
from .signing import fingerprint, is_signed, read_public

EXCERPT = "excerpt"  # the one fault that somebody may be content with
_OF_AN_EXCERPT = [REPORT, MANIFEST, SIGNATURE]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Keys that somebody has brought: whole, or by their fingerprints, for which a bundle may bring the key that fits."""

    keys: tuple[Ed25519PublicKey, ...] = ()
    fingerprints: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*(fingerprint(one) for one in self.keys), *self.fingerprints)

    def key(self, manifest: Manifest) -> Ed25519PublicKey | None:
        """The one that the manifest should be signed with, if it was brought."""
        for one in self.keys:
            if fingerprint(one) == manifest.fingerprint:
                return one
        brought = read_public(manifest.public_key.encode("ascii", "replace"))
        fits = brought is not None and fingerprint(brought) in self.fingerprints
        return brought if fits else None


@dataclass(frozen=True, slots=True)
class Verified:
    path: str
    faults: tuple[Fault, ...]
    manifest: Manifest | None = None  # only of a bundle whose signature is good
    sha256: str = ""  # of the manifest
    files: int = 0  # that were checked
    is_excerpt: bool = False

    @property
    def left_out(self) -> int:
        """Files that were signed and are not in an excerpt."""
        return len(self.manifest.files) - self.files if self.manifest is not None and self.is_excerpt else 0

    @property
    def is_good(self) -> bool:
        return not self.faults


def verify(path: Path, trusted: Trusted, *, takes_excerpts: bool = False) -> Verified:
    """`takes_excerpts`: a report with its signed manifest is enough."""
    try:
        with path.open("rb") as file:
            found = _verified(str(path), file, trusted)
            faults = tuple(one for one in found.faults if not (takes_excerpts and one.kind == EXCERPT))
            return replace(found, faults=faults)
    except FileNotFoundError as error:
        raise NotFound(f"There is no {path}; name a bundle that `syncd evidence bundle` has written.") from error
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read ({error.strerror}); name a file that can.") from error


def _verified(path: str, file: IO[bytes], trusted: Trusted) -> Verified:
    try:
        found = found_in(file)
        signed, signature = whole(file, found, MANIFEST), whole(file, found, SIGNATURE)
        manifest = _signed(signed, signature, trusted)
    except NoArchive as no:
        return Verified(path, (no.fault,))
    faults = (*found.faults, *_of_files(file, found, manifest))
    if {one.kind for one in faults} <= {EXCERPT}:
        faults = (*faults, *misplaced(file, found))
    is_excerpt = any(one.kind == EXCERPT for one in faults)
    return Verified(path, faults, manifest, sha256(signed), 1 if is_excerpt else len(manifest.files), is_excerpt)


def _signed(signed: bytes, signature: bytes, trusted: Trusted) -> Manifest:
    """Whatever it says is believed only when it is signed by a key from outside."""
    for key in trusted.keys:
        if is_signed(key, signature, signed):
            return _read(signed)
    manifest = _read(signed)
    key_of_its_own = trusted.key(manifest)
    if key_of_its_own is None:
        raise NoArchive(
            "key",
            f"it is signed with the key {manifest.fingerprint}, or says so, and the key to verify it with is {' or '.join(trusted.names)}",
            SIGNATURE,
        )
    if not is_signed(key_of_its_own, signature, signed):
        raise NoArchive("signature", f"the signature does not fit: {MANIFEST} or {SIGNATURE} was changed", MANIFEST)
    return manifest


def _read(signed: bytes) -> Manifest:
    try:
        return read(signed)
    except NoManifest as no:
        raise NoArchive("manifest", f"{MANIFEST} cannot be read, or was changed: {no}", MANIFEST) from no


def _of_files(file: IO[bytes], found: Found, manifest: Manifest) -> Iterator[Fault]:
    listed = {one.name: one for one in manifest.files}
    there = {one.name: one for one in found.entries}
    if list(there) == _OF_AN_EXCERPT and REPORT in listed:
        yield Fault(
            EXCERPT,
            "",
            f"it is an excerpt: only its report is in it, and not the {len(listed) - 1} other files that were signed",
        )
        listed = {REPORT: listed[REPORT]}
    yield from (Fault("missing", name, f"{name} is missing") for name in listed if name not in there)
    for one in found.entries:
        if one.name not in listed and not is_ours(one.name):
            yield Fault("added", one.name, f"{one.name} was added: the manifest does not have it")
    for name, written in listed.items():
        if name in there:
            yield from _of_file(file, there[name], written, found.start)
    if [one.name for one in found.entries] != [*listed, MANIFEST, SIGNATURE] and there.keys() == {
        *listed,
        MANIFEST,
        SIGNATURE,
    }:
        yield Fault("archive", "", "the files stand in another order than in the manifest")


def _of_file(file: IO[bytes], one: Entry, written: Written, stop: int) -> Iterator[Fault]:
    if _is_changed(file, one, written, stop):
        yield Fault("changed", one.name, f"{one.name} was changed")
    elif one.name.startswith(RAW):
        for number in lines.altered(unpacked(file, one, written.size)):
            said = f"line {number} of {one.name} has another SHA-256 than its answer: that was changed before it was signed"
            yield Fault("page", one.name, said)


def _is_changed(file: IO[bytes], one: Entry, written: Written, stop: int) -> bool:
    if (one.packed, one.size) != (written.packed_size, written.size) or one.end > stop:
        return True
    packed = hashlib.sha256()
    for piece in pieces(file, one):
        packed.update(piece)
    if packed.hexdigest() != written.packed_sha256:
        return True
    return not _becomes(file, one, written)


def _becomes(file: IO[bytes], one: Entry, written: Written) -> bool:
    content, size, crc = hashlib.sha256(), 0, 0
    try:
        for piece in unpacked(file, one, written.size):
            content.update(piece)
            size, crc = size + len(piece), zlib.crc32(piece, crc)
    except zlib.error:
        return False
    return (content.hexdigest(), size, crc) == (written.sha256, written.size, one.crc)


def summary(one: Verified) -> dict[str, object]:
    """For programs."""
    said: dict[str, object] = {"bundle": one.path, "good": one.is_good}
    if one.manifest is not None:
        manifest = one.manifest
        said |= {
            "account": manifest.account,
            "number": manifest.number,
            "made_at": manifest.made_at,
            "asked_by": manifest.asked_by,
        }
        said |= {
            "window": {"start": manifest.window_start, "end": manifest.window_end},
            "fingerprint": manifest.fingerprint,
        }
        said |= {
            "files": one.files,
            "excerpt": one.is_excerpt,
            "sha256": one.sha256,
            "previous": manifest.previous or None,
        }
    return {
        **said,
        "faults": [{"kind": each.kind, "file": each.file, "sentence": each.sentence} for each in one.faults],
    }


def kinds(found: Collection[Verified]) -> set[str]:
    return {each.kind for one in found for each in one.faults}
