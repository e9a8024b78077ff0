"""A whole supervisor as a program: two parts that take SIGTERM slowly or not at all. Run by test_parent.py, which signals it."""

from __future__ import annotations

import signal
import sys

from syncd.embedded.part import Part
from syncd.embedded.supervisor import Supervisor
from tests.embedded.scripts import leaving_on

if __name__ == "__main__":
    # Its second part heeds no SIGTERM, which only impatience (or the death of its parent) then ends within the minute.
    stop = ((signal.SIGTERM, 60.0),)
    willing = Part("willing", leaving_on("SIGTERM"), stop=stop)
    deaf = Part("deaf", leaving_on(), stop=stop, death_signal=signal.SIGKILL)
    supervisor = Supervisor([willing] if "--willing" in sys.argv else [willing, deaf])

    def ready() -> None:
        sys.stdout.write(f"pids {' '.join(str(pid) for pid in supervisor.pids().values())}\n")
        sys.stdout.flush()

    sys.stdout.write(f"ended by {supervisor.run(ready).name}\n")
