"""Where the broker that `syncd up` brings listens, for commands beside it: a file in its home, true for as long as it is locked."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "broker.address"
_MOST = 4096


@contextmanager
def told(home: Path, url: str) -> Iterator[None]:
    """A killed daemon takes nothing back, but the system gives its lock back."""
    descriptor = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Whoever asks holds it for an instant; a second daemon in this home was refused before.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, url.encode(), 0)
        try:
            yield
        finally:
            (home / FILE).unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def found(home: Path) -> str:
    """Empty, where no daemon of this home brings a broker just now."""
    try:
        descriptor = os.open(home / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return os.pread(descriptor, _MOST, 0).decode()
    finally:
        os.close(descriptor)
    return ""
