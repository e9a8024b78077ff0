"""Reading a bundle's archive as a stranger's file: bounded, and by nothing but the one form that bundles have."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from .layout import (
    CENTRAL_MARK,
    CENTRAL_SIZE,
    END,
    END_MARK,
    LOCAL_SIZE,
    MANIFEST,
    SIGNATURE,
    STORED,
    Entry,
    central,
    end,
    local,
    method_of,
    read_central,
)

_PIECE = 1 << 20
_MOST_MANIFEST, _SIGNATURE_SIZE = 64 << 20, 64
_LONGEST_COMMENT = 0xFFFF
_MOST_FILES, _LONGEST_NAME = 20_000, 512
_RAW = -15


@dataclass(frozen=True, slots=True)
class Fault:
    kind: str  # a word: changed, missing, added, signature, key, archive, duplicate, path, manifest, chain, page
    file: str  # within the bundle; empty: the bundle
    sentence: str


class NoArchive(Exception):
    """It cannot be read at all."""

    def __init__(self, kind: str, sentence: str, file: str = "") -> None:
        super().__init__(sentence)
        self.fault = Fault(kind, file, sentence)


@dataclass(frozen=True, slots=True)
class Found:
    """What the archive says is in it."""

    entries: tuple[Entry, ...]
    start: int  # of the list of entries
    faults: tuple[Fault, ...]  # of names

    def entry(self, name: str) -> Entry | None:
        return next((one for one in self.entries if one.name == name), None)


def found_in(file: IO[bytes]) -> Found:
    size = file.seek(0, os.SEEK_END)
    count, start = _end_of(file, size)
    entries = tuple(_listed(file, start, size - END.size, count))
    return Found(entries, start, tuple(_faults_of_names(entries)))


def _end_of(file: IO[bytes], size: int) -> tuple[int, int]:
    """How many entries there are, and where their list begins."""
    file.seek(max(size - END.size, 0))
    tail = file.read(END.size)
    if len(tail) < END.size or not tail.startswith(END_MARK):
        raise NoArchive("archive", _why_no_end(file, size))
    mark, disk, other, here, count, length, start, comment = END.unpack(tail)
    if (disk, other, comment, here) != (0, 0, 0, count) or start + length + END.size != size:
        raise NoArchive(
            "archive", "the end of the archive was changed, or something was put into it or taken out of it"
        )
    del mark
    return count, start


def _why_no_end(file: IO[bytes], size: int) -> str:
    file.seek(max(size - END.size - _LONGEST_COMMENT, 0))
    if END_MARK in file.read():
        return "something stands behind the end of the archive, or in a comment of it, which no bundle has"
    return "it is no archive, or its end is missing"


def _listed(file: IO[bytes], start: int, stop: int, count: int) -> Iterator[Entry]:
    if count > _MOST_FILES:
        raise NoArchive("archive", f"it says that it has {count} files, and no bundle has more than {_MOST_FILES}")
    file.seek(start)
    at = start
    for _ in range(count):
        header = file.read(CENTRAL_SIZE)
        if len(header) < CENTRAL_SIZE or not header.startswith(CENTRAL_MARK):
            raise NoArchive("archive", "the list of files in the archive was changed, or is cut off")
        flags, method, crc, packed, size, length, extra, comment, offset = read_central(header)
        name = file.read(min(length, _LONGEST_NAME)).decode("ascii", "backslashreplace")
        at += CENTRAL_SIZE + length
        if flags or extra or comment or len(name) != length:
            raise NoArchive(
                "archive", f"the archive says more of {name!r} than bundles do: it was written by another program", name
            )
        yield Entry(name, method, crc, packed, size, offset)
    if at != stop:
        raise NoArchive("archive", "something stands between the list of files and the end of the archive")


def _faults_of_names(entries: tuple[Entry, ...]) -> Iterator[Fault]:
    seen: set[str] = set()
    for one in entries:
        if one.name in seen:
            yield Fault("duplicate", one.name, f"{one.name} is in it twice")
        seen.add(one.name)
        parts = one.name.replace("\\", "/").split("/")
        if one.name.startswith(("/", "\\")) or ".." in parts or "\\" in one.name or ":" in one.name or "" in parts:
            yield Fault("path", one.name, f"{one.name!r} would be unpacked outside of its folder")


def whole(file: IO[bytes], found: Found, name: str) -> bytes:
    """The manifest or its signature, which stand there as they are."""
    one = found.entry(name)
    if one is None:
        raise NoArchive("missing", f"{name} is missing", name)
    limit = _MOST_MANIFEST if name == MANIFEST else _SIGNATURE_SIZE
    if one.method != STORED or one.packed != one.size or one.size > limit or one.end > found.start:
        raise NoArchive("changed", f"{name} stands there otherwise than in any bundle: packed, or too large", name)
    file.seek(one.data_at)
    return file.read(one.size)


def pieces(file: IO[bytes], one: Entry) -> Iterator[bytes]:
    """As they stand in the archive; those that are missing at its end are."""
    file.seek(one.data_at)
    left = one.packed
    while left:
        piece = file.read(min(left, _PIECE))
        if not piece:
            return
        left -= len(piece)
        yield piece


def unpacked(file: IO[bytes], one: Entry, most: int) -> Iterator[bytes]:
    """Never more than that many bytes and one piece, whatever it would become. Raises zlib.error where it cannot be unpacked."""
    unpacker, total = zlib.decompressobj(_RAW), 0
    for piece in pieces(file, one):
        rest = piece
        while rest and total <= most:
            out = unpacker.decompress(rest, _PIECE)
            total += len(out)
            yield out
            rest = unpacker.unconsumed_tail
    if not unpacker.eof or unpacker.unused_data:
        raise zlib.error("it is cut off, or something stands behind its end")


def misplaced(file: IO[bytes], found: Found) -> Iterator[Fault]:
    """Every byte that is neither a file's content nor as the one way of writing makes it."""
    at = 0
    for one in found.entries:
        file.seek(one.offset)
        if (
            one.offset != at
            or one.method != method_of(one.name)
            or file.read(LOCAL_SIZE + len(one.name)) != _local(one)
        ):
            yield Fault("archive", one.name, f"what the archive itself says of {one.name} was changed")
        at = one.end
    listed = b"".join(_central(one) for one in found.entries)
    written = listed + end(found.entries, found.start)
    file.seek(found.start)
    if at != found.start:
        yield Fault("archive", "", "something stands between the last file and the list of files")
    if file.read(len(written) + 1) != written:
        yield Fault("archive", "", "the archive's own list of files was changed")


def _local(one: Entry) -> bytes:
    return local(one) if one.name.isascii() else b""


def _central(one: Entry) -> bytes:
    return central(one) if one.name.isascii() else b""


def is_ours(name: str) -> bool:
    return name in {MANIFEST, SIGNATURE}
