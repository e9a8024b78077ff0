"""A bundle's place: it is written beside it until it is whole, and never takes the place of another file."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from syncd.errors import Conflict, Misconfigured

from .archive import Nowhere

_OURS: set[Path] = set()  # that this process is writing
_PART = re.compile(r"\..+\.(?P<pid>[0-9]{1,10})\.part")


@dataclass(slots=True)
class Place:
    file: IO[bytes] | Nowhere
    number: int = 0  # of its snapshot, once that is kept: from then on the file is not given up for another one's sake

    def settle(self) -> None:
        """A snapshot says that its bundle was given, so that one has to be there after a power cut too."""
        if not isinstance(self.file, Nowhere):
            self.file.flush()
            os.fsync(self.file.fileno())


@contextmanager
def placed(to: Path | None) -> Iterator[Place]:
    """Whatever breaks off, Ctrl-C as well, leaves what stood there before and nothing else."""
    if to is None:
        yield Place(Nowhere())
        return
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        _clear(to.parent)
        _OURS.add(part)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            place = Place(file)
            yield place
        _take(part, to, place.number)
    except OSError as error:
        raise Misconfigured(f"{to} cannot be written ({error.strerror}); name another file with -O.") from error
    finally:
        part.unlink(missing_ok=True)
        _OURS.discard(part)


def refuse_taken(to: Path | None) -> None:
    """Before its snapshot is kept. Whoever is even later than this is told where his bundle is."""
    if to is not None and os.path.lexists(to):
        raise Misconfigured(f"{to} is there already, and a bundle is never overwritten; name another file with -O.")


def _take(part: Path, to: Path, number: int) -> None:
    if _is_linked(part, to):
        return
    if not number:
        refuse_taken(to)
    beside = to.with_name(f"{to.stem}.snapshot-{number}{to.suffix}")
    if not _is_linked(part, beside):
        raise FileExistsError(0, "another bundle was written there meanwhile", str(to))
    raise Conflict(
        f"{to} was written by another meanwhile, and is left alone; this bundle, snapshot {number}, is {beside}."
    )


def _is_linked(part: Path, to: Path) -> bool:
    """A link, unlike a renaming, never takes the place of what is there."""
    try:
        os.link(part, to)
    except FileExistsError:
        return False
    except OSError:  # There are no links on such a disk.
        if os.path.lexists(to):
            return False
        part.replace(to)
    return True


def _clear(folder: Path) -> None:
    """Of bundles that were killed. One whose process is alive, here or where the folder is shared, is held by it."""
    for one in folder.glob(".*.part"):
        named = _PART.fullmatch(one.name)
        if named is None or one in _OURS or not one.is_file() or _is_somebody(int(named["pid"])):
            continue
        with one.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            one.unlink(missing_ok=True)


def _is_somebody(pid: int) -> bool:
    """Another process of this machine. One of a container that was ended had, as often as not, the number that we have now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return pid != os.getpid()
