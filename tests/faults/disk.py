"""A small disk of memory that only its own processes see, so that it can be filled up without root and without harm."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import Program
from tests.e2e.waiting import until
from tests.parts.require import unavailable

_MOUNT = 'mount -t tmpfs -o size="$1" tmpfs "$2" && touch "$2/mounted" && exec sleep infinity'
_ASK = "import sqlite3, sys; print(*[row[0] for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2])], sep='\\n')"


@dataclass(frozen=True, slots=True)
class Disk:
    holder: Program
    folder: Path  # as its own processes see it

    @property
    def within(self) -> Sequence[str]:
        """The words that start a process which sees it."""
        return ("nsenter", "-t", str(self.holder.pid), "-U", "-m", "--preserve-credentials")

    @property
    def database(self) -> Path:
        return self.folder / "syncd.db"

    def take(self, file: Path) -> str:
        """The URL of this database, once it lies on the disk."""
        shutil.copy(file, self._seen_from_outside / self.database.name)
        return f"sqlite:///{self.database}"

    def fill(self) -> None:
        """To the last byte."""
        with suppress(OSError), self._ballast.open("ab", buffering=0) as ballast:
            for size in (65_536, 4_096, 1):
                with suppress(OSError):
                    while True:
                        ballast.write(b"\0" * size)

    def free(self) -> None:
        self._ballast.unlink()

    def ask(self, question: str) -> list[str]:
        """The first column of what its database answers."""
        command = (*self.within, sys.executable, "-c", _ASK, str(self.database), question)
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout.split()

    @property
    def _seen_from_outside(self) -> Path:
        return Path(f"/proc/{self.holder.pid}/root{self.folder}")

    @property
    def _ballast(self) -> Path:
        return self._seen_from_outside / "ballast"


@contextmanager
def disk(folder: Path, size: str) -> Iterator[Disk]:
    place = folder / "disk"
    place.mkdir()
    if shutil.which("unshare") is None or shutil.which("nsenter") is None:
        unavailable("tmpfs", "unshare and nsenter are not installed")
    holder = Program(
        "holder", ("unshare", "-r", "-m", "sh", "-c", _MOUNT, "sh", size, str(place)), {}, folder / "holder"
    )
    made = Disk(holder, place)
    try:
        holder.start()
        until(lambda: (made._seen_from_outside / "mounted").exists() or not holder.is_running(), "the disk is there")
        if not holder.is_running():
            unavailable("tmpfs", f"nobody but root may mount one here ({holder.said().strip()})")
        yield made
    finally:
        holder.stop()
