"""Which shard a record or a link belongs to. Shards only spread the work; nothing is right or wrong because of them."""

from __future__ import annotations

import zlib
from typing import TypeGuard

SHARDS = 16


def shard_of(text: str) -> int:
    """The same in every process and release, because it is stored with the row: Python's own hash is not."""
    # A lone surrogate has no UTF-8; it must still have a shard.
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % SHARDS


def is_shard(value: object) -> TypeGuard[int]:
    """What a message may name; anything else was not sent by us."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < SHARDS
