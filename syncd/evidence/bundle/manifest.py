"""The manifest of a bundle: what is in it, what it answers, and which one came before. It is what is signed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from syncd.evidence.report.plain import canonical

from .archive import Written
from .layout import MANIFEST, SIGNATURE

FORMAT = "syncd-evidence-bundle/1"
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(?:/[a-z0-9][a-z0-9_.-]*)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class NoManifest(Exception):
    """It is not in the form that this release writes; in words."""


@dataclass(frozen=True, slots=True)
class Manifest:
    account: str
    subdomain: str
    number: int  # of this account's snapshots, from 1
    previous: str  # SHA-256 of the manifest before; empty: this is the first
    window_start: str
    window_end: str
    known_at: str
    made_at: str
    asked_by: str
    version: str
    has_pseudonyms: bool
    fingerprint: str
    public_key: str
    files: tuple[Written, ...]  # in the order of the archive

    def written(self) -> bytes:
        return canonical(
            {
                "format": FORMAT,
                "account": {"name": self.account, "subdomain": self.subdomain},
                "number": self.number,
                "previous": self.previous or None,
                "window": {"start": self.window_start, "end": self.window_end},
                "known_at": self.known_at,
                "made_at": self.made_at,
                "asked_by": self.asked_by,
                "tool": {"name": "syncd", "version": self.version},
                "pseudonyms": self.has_pseudonyms,
                "key": {"fingerprint": self.fingerprint, "public_key": self.public_key},
                "files": [asdict(one) for one in self.files],
            },
            indent=1,
        )

    def file(self, name: str) -> Written | None:
        return next((one for one in self.files if one.name == name), None)


def sha256(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()


def read(given: bytes) -> Manifest:
    """Whoever signed it may still be another release, or nobody: every field is looked at."""
    try:
        found = json.loads(given)
        if found["format"] != FORMAT:
            raise NoManifest(f"its form is {found['format']!r}, and this release reads {FORMAT}")
        manifest = _read(found)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise NoManifest("it lacks what a manifest has, or has it in another form") from error
    if manifest.written() != given:
        raise NoManifest("it says more, or is spelt otherwise, than a manifest")
    return manifest


def _read(found: Mapping[str, Any]) -> Manifest:
    files = tuple(_file(one) for one in found["files"])
    names = [one.name for one in files]
    if len(names) != len(set(names)) or {MANIFEST, SIGNATURE} & set(names):
        raise NoManifest("it names a file twice, or itself")
    return Manifest(
        account=_text(found["account"]["name"]),
        subdomain=_text(found["account"]["subdomain"]),
        number=_number(found["number"], 1),
        previous="" if found["previous"] is None else _digest(found["previous"]),
        window_start=_moment(found["window"]["start"]),
        window_end=_moment(found["window"]["end"]),
        known_at=_moment(found["known_at"]),
        made_at=_moment(found["made_at"]),
        asked_by=_text(found["asked_by"]),
        version=_text(found["tool"]["version"]),
        has_pseudonyms=bool(found["pseudonyms"]),
        fingerprint=_digest(found["key"]["fingerprint"]),
        public_key=_text(found["key"]["public_key"]),
        files=files,
    )


def _file(found: Mapping[str, Any]) -> Written:
    name = _text(found["name"])
    if not _NAME.fullmatch(name):
        raise NoManifest(f"it names a file {name!r}, as no bundle has one")
    return Written(
        name,
        _number(found["size"]),
        _digest(found["sha256"]),
        _number(found["packed_size"]),
        _digest(found["packed_sha256"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _moment(value: object) -> str:
    datetime.fromisoformat(_text(value))
    return cast("str", value)


def _digest(value: object) -> str:
    if not _SHA256.fullmatch(_text(value)):
        raise ValueError
    return cast("str", value)


def _number(value: object, least: int = 0) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise TypeError
    return value
