"""A short private temporary folder that is gone when its owner is gone, even one that was killed: the next owner clears it away."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "syncd-"
_LOCK = "owner.lock"
_LONGEST = 60  # Socket paths end at 107 bytes; this leaves room for the folder's own name and a file's.


@contextmanager
def private_folder() -> Iterator[Path]:
    """Made for its owner alone (0700), removed at the end with all that is in it."""
    place = _short_place()
    _clear_abandoned(place)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
    lock = _own(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        os.close(lock)


def _short_place() -> Path:
    place = Path(tempfile.gettempdir())
    return place if len(os.fsencode(place)) <= _LONGEST else Path("/tmp")  # noqa: S108  mkdtemp makes it private.


def _own(folder: Path) -> int:
    # Locked under another name first: nobody may find the lock while it is still free.
    making = folder / f"{_LOCK}.making"
    descriptor = os.open(making, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    making.rename(folder / _LOCK)
    return descriptor


def _clear_abandoned(place: Path) -> None:
    """A killed owner cleans nothing up, but the system gives its lock back."""
    for lock in place.glob(f"{_PREFIX}*/{_LOCK}"):
        # Other people's folders, and ones that vanish meanwhile, are not ours to clear.
        with suppress(OSError):
            _clear_if_free(lock)


def _clear_if_free(lock: Path) -> None:
    if lock.stat().st_uid != os.geteuid() or lock.parent.is_symlink():
        return
    descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(lock.parent)
    finally:
        os.close(descriptor)
