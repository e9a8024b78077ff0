"""Grandchildren whose parent died: as a subreaper we inherit those of our parts, and leave none behind. No other child is touched."""

from __future__ import annotations

import ctypes
import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_PR_GET_CHILD_SUBREAPER = 37
MARK = "_SYNCD_SUPERVISOR"  # in the environment of everything a supervisor starts


class Family:
    """Knows what descends from our parts: by the group they were born in, or, for those who left it, by a mark in their environment.

    One that has ended shows no environment any more; it is reaped unless it was there before us, which harms nobody.
    """

    def __init__(self) -> None:
        self._token = f"{os.getpid()}.{secrets.token_hex(8)}"
        self._groups: set[int] = set()
        self._leaders: set[int] = set()
        self._strangers = frozenset(pid for pid, _, _ in _our_children())

    @property
    def env(self) -> Mapping[str, str]:
        return {MARK: self._token}

    def born(self, leader: int) -> None:
        self._groups.add(leader)
        self._leaders.add(leader)

    def buried(self, leader: int) -> None:
        self._leaders.discard(leader)

    def reap(self) -> None:
        """Those that have ended already."""
        for pid in self._inherited():
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def end(self) -> None:
        """Kill and reap them all; what those leave behind falls to us in turn."""
        while inherited := self._inherited():
            for pid in inherited:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def _inherited(self) -> list[int]:
        new = (child for child in _our_children() if child[0] not in self._leaders | self._strangers)
        return [pid for pid, group, has_ended in new if has_ended or self._is_ours(pid, group)]

    def _is_ours(self, pid: int, group: int) -> bool:
        if group in self._groups:
            return True
        try:
            return f"{MARK}={self._token}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:  # It has just ended, or runs as somebody else.
            return False


@contextmanager
def inheriting() -> Iterator[None]:
    """Orphans below us become our children instead of init's."""
    libc = ctypes.CDLL(None)
    was = ctypes.c_int()
    libc.prctl(_PR_GET_CHILD_SUBREAPER, ctypes.byref(was), 0, 0, 0)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, was.value, 0, 0, 0)


def _our_children() -> Iterator[tuple[int, int, bool]]:
    """Each with its process group, and whether it has ended."""
    us = os.getpid()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # A process may end between being listed and being read.
        with suppress(OSError):
            # Its name stands in parentheses and may contain anything; after it come state, parent and group.
            words = stat.read_bytes().rpartition(b")")[2].split()
            if int(words[1]) == us:
                yield int(stat.parent.name), int(words[2]), words[0] == b"Z"
