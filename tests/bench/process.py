"""A server or worker process of a benchmark: started, waited for, its CPU read, and ended by pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0
_LOOK_EVERY = 0.05  # the looks take CPU from what is measured


@contextmanager
def running(*argv: str, env: Mapping[str, str], log: Path) -> Iterator[int]:
    """The pid of `python argv...`; it and its children are gone afterwards."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, *argv],
            env={**os.environ, **env},
            cwd=ROOT,
            stdout=said,
            stderr=said,
            stdin=subprocess.DEVNULL,
        )
    try:
        yield process.pid
    finally:
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        process.terminate()
        _, left = psutil.wait_procs(family, timeout=8)
        for one in left:
            one.kill()
        process.wait()


def cpu_seconds(pid: int) -> float:
    """User and system time of this process and its living children."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return float(sum(times.user + times.system for times in (one.cpu_times() for one in family)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    wait_until(lambda: _accepts(port), f"nothing listens on port {port}")


def wait_until(is_so: Callable[[], bool], otherwise: str, within: float = READY_WITHIN) -> None:
    deadline = time.monotonic() + within
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(otherwise)
        time.sleep(_LOOK_EVERY)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
