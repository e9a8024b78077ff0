"""`syncd demo` or `syncd up` as one person's command: its whole family of processes, and whatever it leaves behind."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.program import Program, syncd
from tests.e2e.waiting import until
from tests.parts.ports import free_port

ENDS_WITHIN = 30.0


@dataclass(slots=True)
class Household:
    """Known by its TMPDIR, in which every process of it lives."""

    place: Path
    port: int  # of the demo's console, or where `up` takes hooks
    console_port: int
    sim_port: int
    program: Program

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def sim_url(self) -> str:
        return f"http://127.0.0.1:{self.sim_port}"

    def start(self, word: str = "syncd is up") -> None:
        before = len(self.program.said())
        self.program.start()
        until(lambda: word in self.program.said()[before:] or not self.program.is_running(), f"it says {word!r}", 90)
        assert self.program.is_running(), self.program.said()

    def interrupt(self) -> int:
        os.kill(self.program.pid, signal.SIGINT)
        return self.program.wait(ENDS_WITHIN)

    def kill_parent(self) -> None:
        """The parent alone; its parts are not told."""
        os.kill(self.program.pid, signal.SIGKILL)
        until(lambda: self.pids() == [], "its parts ended with it", ENDS_WITHIN)
        self.program.wait()

    def pids(self, *words: str) -> list[int]:
        """Its living processes; with words, those of one part."""
        mark = f"TMPDIR={self.place}".encode()  # or a folder in it
        marked = [pid for pid in _numbers() if any(line.startswith(mark) for line in _environment(pid))]
        return [pid for pid in marked if set(words) <= set(_argv(pid))]

    def left_behind(self) -> list[str]:
        """Processes, sockets, ports and files."""
        left = [f"process {pid}: {' '.join(_argv(pid))}" for pid in self.pids()]
        sockets = Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()
        left += [f"socket {line}" for line in sockets if str(self.place) in line]
        left += [f"listens on {port}" for port in (self.port, self.console_port, self.sim_port) if port in _listening()]
        return left + [f"file {path}" for path in self.place.rglob("*")]

    def freeze_worker(self) -> list[int]:
        frozen = self.pids("syncd", "worker")
        assert len(frozen) > 1, f"A worker is a parent and its pool: {frozen}"
        with self._nobody_writing():
            for pid in frozen:
                os.kill(pid, signal.SIGSTOP)
        return frozen

    @contextmanager
    def _nobody_writing(self) -> Iterator[None]:
        """One that is stopped in the middle of a write keeps everybody else out of SQLite."""
        with next(self.place.rglob("syncd.db.lock")).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def thaw(self, pids: Sequence[int]) -> None:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def _numbers() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def _environment(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return []


def _argv(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return []


def _listening() -> set[int]:
    """Ports of IPv4 that somebody listens on."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return {int(found[1], 16) for line in lines if (found := re.search(r":([0-9A-F]{4}) \S+ 0A ", line))}


@contextmanager
def household(folder: Path, *words: str) -> Iterator[Household]:
    """Not yet started; ended at the last whatever has happened."""
    place = Path(tempfile.mkdtemp(prefix="e2e-", dir="/tmp"))
    port, other, sim_port = free_port(), free_port(), free_port()
    more = ("--sim-port", str(sim_port), "--no-tour") if "demo" in words else ("--console-port", str(other))
    options = ["--port", str(port), *more]
    program = Program(words[0], syncd(*words, *options), {"TMPDIR": str(place)}, folder / words[0])
    made = Household(place, port, other, sim_port, program)
    try:
        yield made
    finally:
        program.stop()
        shutil.rmtree(place)
