"""One part ends another of the same parent, and nobody else."""

from __future__ import annotations

import signal
import subprocess
import sys

from syncd.embedded.process import clear, spawn, wait_ended

WAITS = (sys.executable, "-c", "import signal; signal.pause()")
KILLS = "from syncd.embedded import siblings; print(siblings.kill(('the', 'worker')))"


def test_the_part_of_that_command_is_killed_and_others_are_not() -> None:
    worker, other = spawn((*WAITS, "the", "worker")), spawn((*WAITS, "the", "beat"))
    try:
        assert _asked() == "True"
        assert wait_ended(worker, 10)
        assert clear(worker) == -signal.SIGKILL
        assert _asked() == "False", "there is none any more"
        assert not wait_ended(other, 0)
    finally:
        clear(worker)
        clear(other)


def test_one_that_leads_no_group_is_no_part() -> None:
    child = subprocess.Popen((*WAITS, "the", "worker"))
    try:
        assert _asked() == "False"
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def _asked() -> str:
    return subprocess.run([sys.executable, "-c", KILLS], capture_output=True, text=True, check=True).stdout.strip()
