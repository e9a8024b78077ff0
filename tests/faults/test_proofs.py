"""What the proofs themselves rest on: the driver of the schedules, and the table of figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.core.test_convergence import Disputes
from tests.faults import table
from tests.faults.schedules import RULES, play

ROOT = Path(__file__).resolve().parents[2]


def test_the_driver_has_every_rule_of_the_machine_with_all_that_it_asks_for() -> None:
    dice = Random(1)  # noqa: S311  only to see what is drawn
    of_the_machine = {rule.function.__name__: set(rule.arguments) for rule in Disputes().rules}
    assert {name: set(draw(dice)) for name, draw in RULES.items()} == of_the_machine


def test_a_seed_tells_the_same_history_in_any_process() -> None:
    first, second = _replayed("7", of="1"), _replayed("7", of="2")
    assert first == second == "\n".join([*play(7, is_told=True).told, "The schedule of seed 7 ends well.", ""])


def _replayed(seed: str, *, of: str) -> str:
    """`of` is the seed of Python's own hashes, which order its sets."""
    env = {**os.environ, "PYTHONHASHSEED": of}
    words = [sys.executable, "-m", "tests.faults", "replay", seed]
    return subprocess.run(words, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout


def test_a_row_that_is_reached_anew_replaces_its_own_figures_and_leaves_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, figures = tmp_path / "README.md", tmp_path / "figures.jsonl"
    page.write_text("Before.\n<!-- chaos -->\n<!-- end of chaos -->\nAfter.\n", encoding="utf-8")
    monkeypatch.setattr(table, "PAGE", page)
    for at, row, figure, value in (
        ("a1", "one | two", "lost", 7),
        ("a1", "three", "p99", 5),
        ("b2", "one | two", "late", 0),
    ):
        line = {"row": row, "figure": figure, "reached": value, "wanted": "0"}
        figures.write_text(json.dumps(line) + "\n", encoding="utf-8")
        table.write_table([figures], "chaos", at)
    said = page.read_text(encoding="utf-8").splitlines()
    assert said[0] == "Before."
    assert said[-1] == "After."
    assert [line for line in said if line.startswith(("| one", "| three"))] == [
        "| one \\| two | late | 0 | 0 | b2 |",
        "| three | p99 | 5 | 0 | a1 |",
    ]
