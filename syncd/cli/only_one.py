"""At most one `syncd up` in one home: a second would take the address of the first over, and both would say that they are up."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.errors import Misconfigured
from syncd.store.folder import make_home

FILE = "up.lock"


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """The system lets go of it however the program ends."""
    try:
        make_home(home)
        held = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"{home} cannot be written to ({error.strerror}); correct SYNCD_HOME, or the folder's rights."
        raise Misconfigured(message) from error
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            message = f"syncd up runs in {home} already; stop it, or give this one a SYNCD_HOME of its own."
            raise Misconfigured(message) from error
        yield
    finally:
        os.close(held)
