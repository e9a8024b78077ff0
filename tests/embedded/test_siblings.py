"""One part ends another of the same supervisor, and nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from syncd.embedded.orphans import MARK
from syncd.embedded.process import clear, spawn, wait_ended

OURS, THEIRS = {MARK: "1.aa"}, {MARK: "2.bb"}
WAITS = (sys.executable, "-c", "import signal; signal.pause()")
KILLS = "from syncd.embedded import siblings; print(siblings.kill(('the', 'worker')))"


def asked(env: Mapping[str, str] = OURS) -> bool:
    argv = [sys.executable, "-c", KILLS]
    ended = subprocess.run(argv, capture_output=True, text=True, check=True, env={**os.environ, **env})
    return {"True": True, "False": False}[ended.stdout.strip()]


@pytest.fixture
def worker() -> Iterator[subprocess.Popen[bytes]]:
    made = spawn((*WAITS, "the", "worker"), env=OURS)
    yield made
    clear(made)


def test_the_part_of_that_command_is_killed_and_others_are_not(worker: subprocess.Popen[bytes]) -> None:
    other = spawn((*WAITS, "the", "beat"), env=OURS)
    try:
        assert asked()
        assert wait_ended(worker, 10)
        assert clear(worker) == -signal.SIGKILL
        assert not asked(), "there is none any more"
        assert not wait_ended(other, 0)
    finally:
        clear(other)


@pytest.mark.parametrize("env", [THEIRS, {MARK: ""}])
def test_the_worker_of_another_supervisor_and_that_of_none_live_on(
    worker: subprocess.Popen[bytes], env: Mapping[str, str]
) -> None:
    assert not asked(env)
    assert not wait_ended(worker, 0)


def test_one_that_leads_no_group_is_no_part() -> None:
    child = subprocess.Popen((*WAITS, "the", "worker"), env={**os.environ, **OURS})
    try:
        assert not asked()
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()
