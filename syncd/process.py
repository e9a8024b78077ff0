"""Which process this is among all of its machine, and whether another one is gone for certain: as Linux tells, and else unknown."""

from __future__ import annotations

import functools
import os
from pathlib import Path

_PROC = Path("/proc")
_STATE, _THREADS, _STARTED = 0, 17, 19  # of what stands behind the name in /proc/PID/stat
_NO_MORE = frozenset("ZX")


def own() -> str:
    """Its name; two processes never have the same one. Empty where nobody could tell later whether it is gone."""
    return named(os.getpid())


@functools.lru_cache(maxsize=4)  # A fork has another number.
def named(pid: int) -> str:
    where, stat = _here(), _stat(pid)
    return f"{where}/{pid}/{stat[_STARTED]}" if where and stat else ""


def is_gone(name: str) -> bool:
    """Only what is certain: one of another machine, or of another container, may still be there."""
    where, _, rest = name.rpartition("/")
    where, _, pid = where.rpartition("/")
    if not where or where != _here() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass  # It is somebody else's.
    stat = _stat(int(pid))
    if not stat:
        return False
    is_left_to_be_buried = stat[_STATE] in _NO_MORE and int(stat[_THREADS]) <= 1
    return is_left_to_be_buried or stat[_STARTED] != rest


@functools.cache
def _here() -> str:
    """This start of this machine, and the container: process numbers mean something only there."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}/{(_PROC / 'self/ns/pid').readlink().name}"
    except OSError:
        return ""


def _stat(pid: int) -> list[str]:
    try:
        line = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return line.rpartition(")")[2].split()  # Its name may hold anything, brackets too.
