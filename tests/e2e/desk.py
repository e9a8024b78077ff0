"""The case desk's process: `python -m tests.e2e.desk PORT`. `syncd sim` runs only PagerDuty."""

from __future__ import annotations

import sys

from syncd.simulator import CaseDesk, run


def main(port: int) -> None:
    with CaseDesk(url=f"http://127.0.0.1:{port}") as desk:
        run(desk.app, port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
