"""Other parts under the same parent, for whoever wants to see one die: found by what they run, never by a number kept somewhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")


def kill(words: Sequence[str]) -> bool:
    """SIGKILL for the part whose command ends with these words; False where there is none. Its parent brings another."""
    found = [pid for pid in _of(os.getppid()) if _argv(pid)[-len(words) :] == list(words)]
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
    try:
        said = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return said.decode("utf-8", "replace").rstrip("\0").split("\0")
