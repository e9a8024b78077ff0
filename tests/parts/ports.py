"""A TCP port on loopback that nothing listens on just now, and that nobody else is given before it is used.

The kernel picks the ends of outgoing connections from 32768 on: a port from there, once let go, may be taken by any of them.
"""

from __future__ import annotations

import atexit
import itertools
import os
import socket
from functools import cache

_FIRST, _STRETCH, _STRETCHES = 12_000, 500, 40
_next = itertools.count(1)


def free_port() -> int:
    """One of this process's own stretch, each in its turn."""
    begin = int(_stretch(os.getpid()).getsockname()[1])
    for _ in range(_STRETCH):
        port = begin + next(_next) % _STRETCH
        if port == begin:
            continue
        claimed = _bound(port)
        if claimed is not None:
            claimed.close()
            return port
    message = f"all ports from {begin} to {begin + _STRETCH - 1} are taken"
    raise AssertionError(message)


@cache
def _stretch(pid: int) -> socket.socket:
    """Its first port is held for as long as the process lives, so that no other test run on this machine has the same."""
    for number in range(_STRETCHES):
        held = _bound(_FIRST + (pid + number) % _STRETCHES * _STRETCH)
        if held is not None:
            atexit.register(held.close)
            return held
    message = f"{_STRETCHES} processes that test are at work already"
    raise AssertionError(message)


def _bound(port: int) -> socket.socket | None:
    probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.close()
        return None
    return probe
