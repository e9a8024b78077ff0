"""`make chaos` and `make soak`: every row in its larger size, one after the other, and the table of what was reached.

Rows that are done stay done: a run that was stopped goes on with the next one, as long as the code is the same.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.schedules import play
from tests.faults.size import Size
from tests.faults.table import write_table

ROOT = Path(__file__).resolve().parents[2]
OF_THE_PROOFS = "test_proofs.py"  # tests of what makes the rows; they are no rows
KEPT = ROOT / ".faults"  # of no interest to anybody else


def main(words: Sequence[str]) -> int:
    if len(words) == 2 and words[0] == "replay" and words[1].isdecimal():
        return _replay(int(words[1]))
    if not words or words[0] not in {Size.CHAOS, Size.SOAK}:
        sys.stderr.write(
            "Say which size, and some words of the rows if not all are wanted: python -m tests.faults chaos [killed ...], or "
            "soak; or which schedule: replay 7.\n"
        )
        return 2
    size, version = words[0], _version()
    done_file = _kept(f"{size}-{version}")
    figures = done_file.with_suffix(".jsonl")
    failed = []
    for row in _rows(words[1:]):
        if row in _done(done_file):
            sys.stderr.write(f"== {row}: done before\n")
            continue
        sys.stderr.write(f"== {row}\n")
        before = _count(figures)
        env = {**os.environ, "SYNCD_FAULTS": size, "SYNCD_FIGURES": str(figures)}
        ended = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=0", row],
            cwd=ROOT,
            env=env,
            check=False,
        )
        if ended.returncode or _count(figures) == before:  # A row that leaves no figure has proven nothing.
            failed.append(row)
            continue
        with done_file.open("a", encoding="utf-8") as file:
            file.write(f"{row}\n")
        write_table(figures, size, f"{version}, {datetime.now(UTC):%Y-%m-%d}")
    for row in failed:
        sys.stderr.write(f"not reached: {row}\n")
    return 1 if failed else 0


def _replay(seed: int) -> int:
    """Everything that happens in the schedule of this seed, and how it ends."""
    played = play(seed, is_told=True)
    ending = f"ends wrong: {played.wrong}" if played.wrong else "ends well."
    sys.stdout.write("\n".join([*played.told, f"The schedule of seed {seed} {ending}", ""]))
    return 1 if played.wrong else 0


def _version() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return asked.stdout.strip() or "unversioned"


def _kept(name: str) -> Path:
    """Named after the code, so that another version of it begins anew."""
    KEPT.mkdir(exist_ok=True)
    return KEPT / f"{name}.done"


def _done(file: Path) -> set[str]:
    return set(file.read_text(encoding="utf-8").splitlines()) if file.exists() else set()


def _count(figures: Path) -> int:
    return len(figures.read_text(encoding="utf-8").splitlines()) if figures.exists() else 0


def _rows(words: Sequence[str]) -> list[str]:
    """Those with one of these words in their name; all, when there are none."""
    asked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "tests/faults"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line for line in asked.stdout.splitlines() if "::" in line and OF_THE_PROOFS not in line]
    return [row for row in rows if not words or any(word in row for word in words)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
