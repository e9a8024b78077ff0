"""The case desk of a benchmark, in a process of its own: the simulated one, without hooks."""

from __future__ import annotations

import sys

from syncd.simulator.casedesk import CaseDesk
from syncd.simulator.server import run

if __name__ == "__main__":
    with CaseDesk(url=f"http://127.0.0.1:{sys.argv[1]}") as desk:
        run(desk.app, port=int(sys.argv[1]))
