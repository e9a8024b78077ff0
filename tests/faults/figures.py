"""What a row reached, printed and kept: one line of JSON for each figure, where SYNCD_FIGURES names a file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.faults.size import SIZE


def reached(row: str, figure: str, value: object, wanted: str) -> None:
    """`row` names the fault, `wanted` is the figure of the promise in its own words."""
    line = {"row": row, "figure": figure, "reached": value, "wanted": wanted, "size": SIZE}
    sys.stderr.write(f"{row}: {figure} {value} (wanted: {wanted}; {SIZE})\n")
    if named := os.environ.get("SYNCD_FIGURES"):
        with Path(named).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
