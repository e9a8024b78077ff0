"""`make chaos` and `make soak`: every row in its larger size, and the table of what was reached.

Rows mostly wait for real processes, so several run at once; those that tell how quickly something was answered run alone.
What is done stays done: a run that was stopped goes on with the next row, as long as the code is the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.faults.schedules import play
from tests.faults.size import Size
from tests.faults.table import write_table

ROOT = Path(__file__).resolve().parents[2]
NO_ROWS = ("test_proofs.py", "test_put_off.py", "test_restored_parts.py")  # they have no figures
ALONE = ("test_brokers.py", "test_hostile.py", "test_schedules.py")  # they need the whole machine
ALONE_IN_FULL = (*ALONE, "test_killed.py")  # two of these at once are busy with nothing but starting parts again
AT_ONCE = 3
USAGE = """Say which size, and some words of the rows if not all are wanted: python -m tests.faults chaos [killed ...], or soak;
or which schedule: python -m tests.faults replay 7.
"""


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    size: str
    kept: Path  # a folder of no interest to anybody else

    @property
    def figures(self) -> Path:
        return self.kept / f"{re.sub(r'[^0-9A-Za-z]+', '-', self.name)}.jsonl"

    @property
    def is_done(self) -> bool:
        return self.figures.with_suffix(".done").exists()

    def run(self) -> bool:
        """Whether it reached what it is to reach. One that leaves no figure has proven nothing."""
        self.figures.unlink(missing_ok=True)
        env = {**os.environ, "SYNCD_FAULTS": self.size, "SYNCD_FIGURES": str(self.figures)}
        argv = (
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "faulthandler_timeout=0",
            self.name,
        )
        with self.figures.with_suffix(".log").open("wb") as log:
            ended = subprocess.run(argv, cwd=ROOT, env=env, check=False, stdout=log, stderr=subprocess.STDOUT)
        is_reached = ended.returncode == 0 and self.figures.exists()
        if is_reached:
            self.figures.with_suffix(".done").touch()
        word = "reached" if is_reached else f"NOT reached, see {self.figures.with_suffix('.log').relative_to(ROOT)}"
        sys.stderr.write(f"{datetime.now(UTC):%H:%M:%S} {self.name}: {word}\n")
        return is_reached


def main(words: Sequence[str]) -> int:
    if len(words) == 2 and words[0] == "replay" and words[1].isdecimal():
        return _replay(int(words[1]))
    if not words or words[0] not in {Size.CHAOS, Size.SOAK}:
        sys.stderr.write(USAGE)
        return 2
    version = _version()
    kept = ROOT / ".faults" / f"{words[0]}-{version}"
    kept.mkdir(parents=True, exist_ok=True)
    rows = [Row(name, words[0], kept) for name in _names(words[1:])]
    waiting = [row for row in rows if not row.is_done]
    sys.stderr.write(f"{len(rows)} rows, {len(rows) - len(waiting)} of them done before.\n")
    try:
        missed = _run(waiting, ALONE_IN_FULL if words[0] == Size.SOAK else ALONE)
    finally:
        reached = [row.figures for row in rows if row.figures.exists()]
        write_table(reached, words[0], f"{version}, {datetime.now(UTC):%Y-%m-%d}")
    return 1 if missed else 0


def _run(rows: Sequence[Row], not_beside_others: tuple[str, ...]) -> bool:
    alone = [row for row in rows if row.name.partition("::")[0].endswith(not_beside_others)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        together = list(pool.map(Row.run, [row for row in rows if row not in alone]))
    return not all([*together, *map(Row.run, alone)])


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


def _names(words: Sequence[str]) -> list[str]:
    """Rows with one of these words in their name; all, when there are none."""
    asked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--collect-only", "tests/faults"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    names = [line for line in asked.stdout.splitlines() if "::" in line and not any(one in line for one in NO_ROWS)]
    return [name for name in names if not words or any(word in name for word in words)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
