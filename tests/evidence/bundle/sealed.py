"""Bundles for tests: a small one that is written by hand, and what makes whole ones on a database."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path

from syncd.connections.vault import Vault, generate_key
from syncd.evidence.bundle.archive import Archive
from syncd.evidence.bundle.layout import MANIFEST, SIGNATURE
from syncd.evidence.bundle.making import Maker
from syncd.evidence.bundle.manifest import Manifest, sha256
from syncd.evidence.bundle.signing import Signer
from syncd.evidence.bundle.verifying import Trusted, Verified, verify
from syncd.evidence.known import Known
from syncd.store.database import Database
from tests.evidence.held import Held

SIGNER = Signer.of(bytes(range(32)))
TRUSTED = Trusted(keys=(SIGNER.public,))
ANSWER = b'{"body": "{}", "sha256": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"}\n'
FILES: Mapping[str, bytes] = {"raw/users-0001.ndjson": ANSWER * 2, "report.json": b'{"a": 1}\n', "rules.json": b""}


def small(
    number: int = 1,
    previous: str = "",
    *,
    key: Signer = SIGNER,
    account: str = "acme",
    files: Mapping[str, bytes] = FILES,
) -> bytes:
    place = BytesIO()
    archive = Archive(place)
    written = tuple(archive.add(name, (content,)) for name, content in files.items())
    moment = "2026-11-17T12:00:00Z"
    made = Manifest(
        account,
        "inc",
        number,
        previous,
        moment,
        moment,
        moment,
        moment,
        "Ana",
        "0.1.0",
        False,
        key.fingerprint,
        key.pem,
        written,
    )
    archive.add(MANIFEST, (made.written(),))
    archive.add(SIGNATURE, (key.sign(made.written()),))
    archive.close()
    return place.getvalue()


def chain(folder: Path, length: int) -> list[Path]:
    """So many bundles, each of which names the one before."""
    paths, previous = [], ""
    for number in range(1, length + 1):
        content = small(number, previous)
        paths.append(folder / f"{number}.zip")
        paths[-1].write_bytes(content)
        previous = sha256(manifest_in(content))
    return paths


def manifest_in(bundle: bytes) -> bytes:
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        return archive.read(MANIFEST)


def contents(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {one.filename: archive.read(one) for one in archive.infolist()}


def checked(folder: Path, bundle: bytes, trusted: Trusted = TRUSTED) -> Verified:
    path = folder / "bundle.zip"
    path.write_bytes(bundle)
    return verify(path, trusted)


def kinds(found: Verified) -> set[str]:
    return {one.kind for one in found.faults}


def rewritten(bundle: bytes, changed: Iterable[tuple[str, bytes | None]]) -> bytes:
    """As anybody could pack it again: with some files otherwise, gone (None) or new."""
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        files = {one.filename: archive.read(one) for one in archive.infolist()}
    for name, content in changed:
        if content is None:
            del files[name]
        else:
            files[name] = content
    place = BytesIO()
    again = Archive(place)
    last = [name for name in (MANIFEST, SIGNATURE) if name in files]
    for name in [*(one for one in files if one not in last), *last]:
        again.add(name, (files[name],))
    again.close()
    return place.getvalue()


def maker(db: Database, known: Known | None = None, vault: Vault | None = None) -> Maker:
    return Maker(db, vault or Vault(generate_key()), known or Held())


def fingerprint_of(path: Path) -> str:
    found: str = json.loads(contents(path)[MANIFEST])["key"]["fingerprint"]
    return found
