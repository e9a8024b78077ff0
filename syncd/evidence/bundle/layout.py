"""How a bundle is laid out, to the byte: a ZIP archive in its plainest form, which any program opens and only one way of writing makes.

No date, no comment, no extra field, no 64-bit form; files in the order of their names, the manifest and its signature last. So whoever
knows the files' names, sizes and checksums knows every other byte of the archive, and one that was changed shows.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
STORED, DEFLATED = 0, 8
MOST = 0xFFFF_FFFF - 0x10000  # bytes of an archive of this form, with room for its end
_LOCAL, _CENTRAL, END = struct.Struct("<4s5H3I2H"), struct.Struct("<4s6H3I5H2I"), struct.Struct("<4s4H2IH")
LOCAL_SIZE, CENTRAL_SIZE = _LOCAL.size, _CENTRAL.size
LOCAL_MARK, CENTRAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_NEEDS, _MADE_BY = 20, 3 << 8 | 20  # version 2.0, on Unix
_NO_TIME, _FIRST_DAY = 0, 0x21  # 1980-01-01, before which this form has no day
_READABLE = 0o100644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the archive."""

    name: str
    method: int
    crc: int
    packed: int  # bytes in the archive
    size: int
    offset: int  # of its header

    @property
    def data_at(self) -> int:
        return self.offset + LOCAL_SIZE + len(self.name)

    @property
    def end(self) -> int:
        return self.data_at + self.packed


def method_of(name: str) -> int:
    """What is signed, and the signature, stand there as they are."""
    return STORED if name in {MANIFEST, SIGNATURE} else DEFLATED


def local(one: Entry) -> bytes:
    name = one.name.encode("ascii")
    made = (_NEEDS, 0, one.method, _NO_TIME, _FIRST_DAY, one.crc, one.packed, one.size, len(name), 0)
    return _LOCAL.pack(LOCAL_MARK, *made) + name


def central(one: Entry) -> bytes:
    name = one.name.encode("ascii")
    made = (_MADE_BY, _NEEDS, 0, one.method, _NO_TIME, _FIRST_DAY, one.crc, one.packed, one.size, len(name))
    return _CENTRAL.pack(CENTRAL_MARK, *made, 0, 0, 0, 0, _READABLE, one.offset) + name


def end(entries: tuple[Entry, ...], start: int) -> bytes:
    size = sum(CENTRAL_SIZE + len(one.name) for one in entries)
    return END.pack(END_MARK, 0, 0, len(entries), len(entries), size, start, 0)


def read_central(header: bytes) -> tuple[int, int, int, int, int, int, int, int, int]:
    """Flags, method, checksum, packed size, size, and the lengths of name, extra field and comment; the offset."""
    found = _CENTRAL.unpack(header)
    return found[3], found[4], found[7], found[8], found[9], found[10], found[11], found[12], found[16]
