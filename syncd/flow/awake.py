"""Shards to be looked at, for any thread to add to."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Awake:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shards: set[int] = set()

    def add(self, shards: Iterable[int]) -> None:
        with self._lock:
            self._shards.update(shards)

    def take(self) -> frozenset[int]:
        with self._lock:
            taken = frozenset(self._shards)
            self._shards.clear()
        return taken
