"""A TCP port on loopback that nothing listens on just now, and that nobody else is given before it is used.

The kernel picks the ends of outgoing connections from 32768 on: a port from there, once let go, may be taken by any of them.
"""

from __future__ import annotations

import itertools
import os
import socket

_FIRST, _STRETCH, _STRETCHES = 12_000, 1_000, 20
_next = itertools.count()


def free_port() -> int:
    """One of this process's own stretch, each in its turn."""
    begin = _FIRST + os.getpid() % _STRETCHES * _STRETCH
    for _ in range(_STRETCH):
        port = begin + next(_next) % _STRETCH
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    message = f"all ports from {begin} to {begin + _STRETCH - 1} are taken"
    raise AssertionError(message)
