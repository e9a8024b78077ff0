"""Writing a bundle's archive: each file goes through once, packed and counted as it goes by, so that none has to fit into memory."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any, Protocol

from syncd.errors import Misconfigured

from .layout import DEFLATED, MOST, Entry, central, end, local, method_of

_LEVEL, _RAW = 6, -15  # how hard it is packed; without a header of zlib's own


class Place(Protocol):
    """Where an archive is written: a file, or nowhere."""

    def write(self, piece: bytes, /) -> object: ...

    def tell(self) -> int: ...

    def seek(self, at: int, /) -> object: ...


class Nowhere:
    """For whoever wants to know what would be in it."""

    def __init__(self) -> None:
        self._at = 0

    def write(self, piece: bytes, /) -> object:
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def seek(self, at: int, /) -> object:
        self._at = at
        return at


@dataclass(frozen=True, slots=True)
class Written:
    """A file as the manifest has it."""

    name: str
    size: int
    sha256: str
    packed_size: int
    packed_sha256: str


@dataclass(slots=True)
class _Stream:
    """What goes by: counted, summed up and packed."""

    method: int
    size: int = 0
    packed: int = 0
    crc: int = 0
    sha256: Any = field(default_factory=hashlib.sha256)
    packed_sha256: Any = field(default_factory=hashlib.sha256)

    def through(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
        for piece in pieces:
            self.size += len(piece)
            self.crc = zlib.crc32(piece, self.crc)
            self.sha256.update(piece)
            yield from self._out(packer.compress(piece) if self.method == DEFLATED else piece)
        if self.method == DEFLATED:
            yield from self._out(packer.flush())

    def _out(self, piece: bytes) -> Iterator[bytes]:
        if piece:
            self.packed += len(piece)
            self.packed_sha256.update(piece)
            yield piece


def packed(content: bytes) -> bytes:
    """As it stands in an archive."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return packer.compress(content) + packer.flush()


def unpacked(content: bytes) -> bytes:
    return zlib.decompress(content, _RAW)


class Archive:
    def __init__(self, place: Place | IO[bytes]) -> None:
        self._place: Place = place
        self._entries: list[Entry] = []

    def add(self, name: str, pieces: Iterable[bytes]) -> Written:
        """Its header is written when its sizes are known."""
        start, stream = self._place.tell(), _Stream(method_of(name))
        self._place.write(bytes(len(local(Entry(name, stream.method, 0, 0, 0, 0)))))
        for piece in stream.through(pieces):
            self._place.write(piece)
            if self._place.tell() > MOST or stream.size > MOST:
                raise Misconfigured("The bundle would be larger than 4 GiB; ask for a shorter --period.")
        one = Entry(name, stream.method, stream.crc, stream.packed, stream.size, start)
        self._place.seek(start)
        self._place.write(local(one))
        self._place.seek(one.end)
        self._entries.append(one)
        return Written(name, stream.size, stream.sha256.hexdigest(), stream.packed, stream.packed_sha256.hexdigest())

    def add_packed(self, name: str, packed: bytes) -> None:
        """As it stood in another archive, to the byte: packing it again might come to other bytes with another release of zlib."""
        content = unpacked(packed)
        one = Entry(name, DEFLATED, zlib.crc32(content), len(packed), len(content), self._place.tell())
        self._place.write(local(one) + packed)
        self._entries.append(one)

    def close(self) -> None:
        entries, start = tuple(self._entries), self._place.tell()
        for one in entries:
            self._place.write(central(one))
        self._place.write(end(entries, start))
