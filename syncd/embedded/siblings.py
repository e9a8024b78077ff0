"""Other parts of the same supervisor, for whoever wants to see one die: found by its mark and what they run, never by a kept number."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from syncd.embedded.orphans import MARK

_PROC = Path("/proc")


def kill(words: Sequence[str]) -> bool:
    """SIGKILL for the part whose command ends with these words; False where there is none. Its supervisor brings another."""
    mark = os.environ.get(MARK, "")
    if not mark:  # Nobody would bring another.
        return False
    found = [pid for pid in _of(os.getppid()) if _argv(pid)[-len(words) :] == list(words) and _is_marked(pid, mark)]
    killed = False
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed = True
    return killed


def _of(parent: int) -> Iterator[int]:
    """Those that lead a group, as each part does, and have not ended."""
    for stat in _PROC.glob("[0-9]*/stat"):
        with suppress(OSError):
            pid = int(stat.parent.name)
            # Its name stands in parentheses and may contain anything; after it come state, parent and group.
            state, ppid, group = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[:3]
            if int(ppid) == parent and int(group) == pid and state not in {"Z", "X"}:
                yield pid


def _argv(pid: int) -> list[str]:
    return _read(pid, "cmdline")


def _is_marked(pid: int, mark: str) -> bool:
    return f"{MARK}={mark}" in _read(pid, "environ")


def _read(pid: int, what: str) -> list[str]:
    try:
        said = (_PROC / str(pid) / what).read_bytes()
    except OSError:  # It has just ended.
        return []
    return said.decode("utf-8", "replace").rstrip("\0").split("\0")
