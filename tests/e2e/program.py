"""One real process of the fleet: started from a folder and a HOME of its own, its output kept, ended by its own number."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from syncd.embedded.process import clear, end, has_ended, spawn, wait_ended
from tests.e2e.waiting import until

ROOT = Path(__file__).parents[2]
STOP = ((signal.SIGTERM, 5.0), (signal.SIGQUIT, 4.0))


def syncd(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "syncd", *words)


@dataclass(slots=True)
class Program:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(repr=False)
    folder: Path  # made for it alone
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def start(self) -> None:
        (self.folder / "home").mkdir(parents=True, exist_ok=True)
        env = {**self.env, "HOME": str(self.folder / "home"), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        with self.log.open("ab") as output:
            # SIGKILL, as `syncd up` does for its worker: a test run that dies leaves nothing behind.
            self.process = spawn(self.argv, env=env, cwd=self.folder, output=output, death_signal=signal.SIGKILL)

    def is_running(self) -> bool:
        return self.process is not None and not has_ended(self.process)

    @property
    def pid(self) -> int:
        assert self.process is not None, f"{self.name} was never started."
        return self.process.pid

    def children(self) -> list[int]:
        """The processes it has forked, oldest first."""
        try:
            said = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii")
        except OSError:
            return []
        return [int(word) for word in said.split()]

    def freeze(self) -> None:
        for pid in (self.pid, *self.children()):
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in (*self.children(), self.pid):
            os.kill(pid, signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL for it and everything it forked, at one moment: nobody can tidy up after the other."""
        _kill((self.pid, *self.children()))
        if self.process is not None:
            clear(self.process)
            self.process = None

    def kill_children(self) -> list[int]:
        """SIGKILL for the pool's processes only; their parent lives on."""
        killed = self.children()
        _kill(killed)
        return killed

    def wait(self, seconds: float = 30.0) -> int:
        """Its exit status."""
        assert self.process is not None, f"{self.name} was never started."
        assert wait_ended(self.process, seconds), f"{self.name} still runs after {seconds:.0f} s:\n{self.said()}"
        return clear(self.process)

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, STOP)
            self.process = None

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def complaints(self) -> list[str]:
        """What must not stand in a log: tracebacks and errors. An alarm is no complaint: somebody was to be alarmed."""
        lines = [line for line in self.said().splitlines() if "Traceback" in line or '"level": "error"' in line]
        return [line for line in lines if '"event": "link.alarmed"' not in line]


def _kill(pids: Sequence[int]) -> None:
    """Returns when they have let go of their sockets and locks."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: all(_has_died(pid) for pid in pids), f"the killed {pids} are dead", 10)


def _has_died(pid: int) -> bool:
    """Gone, or waiting to be reaped with its last thread ended: only then nothing of it is open any more."""
    try:
        said = Path(f"/proc/{pid}/stat").read_bytes()
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except OSError:
        return True
    return said.rpartition(b")")[2].split()[0] in {b"Z", b"X"} and threads <= 1
