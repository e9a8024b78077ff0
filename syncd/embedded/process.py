"""One child process in a group of its own that ends when its parent ends: started, signalled, ended. Not what it is for."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from syncd.embedded import leash
from syncd.embedded.part import Stop
from syncd.errors import PartFailed

_LEASH = Path(leash.__file__)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: int | IO[bytes] = subprocess.DEVNULL,
    death_signal: signal.Signals = signal.SIGTERM,
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    """Call it from a thread that lives as long as the program: the death signal follows the thread, not the process."""
    owner = os.geteuid() if user is None else user
    # Isolated and without site-packages: the leash is there for some twenty milliseconds.
    tie = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(int(death_signal)), str(owner)]
    try:
        return subprocess.Popen(
            [*tie, shutil.which(argv[0]) or argv[0], *argv[1:]],
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
    except OSError as error:
        raise PartFailed(f"{argv[0]} could not be started: {error.strerror}.") from error


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """True once it has exited; it stays unreaped, so that its number cannot yet belong to somebody else."""
    if process.returncode is not None:
        return True
    try:
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True


def tell(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """The leader gets the signal; a frozen group is thawed, or it would never notice."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
            os.killpg(process.pid, signal.SIGCONT)


def clear(process: subprocess.Popen[bytes]) -> int:
    """Kill whatever is left of its group, reap it, and answer its exit status."""
    # Only before reaping: until then the group's number is ours, afterwards it may be anybody's.
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def end(process: subprocess.Popen[bytes], stop: Stop = ((signal.SIGTERM, 5.0),)) -> int:
    """Stop it in order: each signal, its grace, and SIGKILL for what still stands."""
    for number, grace in stop:
        if has_ended(process):
            break
        tell(process, number)
        wait_ended(process, grace)
    return clear(process)


def wait_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait until it exits, without reaping it; False when the time is over first."""
    if has_ended(process):
        return True
    descriptor = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return bool(poll.poll(seconds * 1000))
    finally:
        os.close(descriptor)
