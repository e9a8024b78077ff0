"""Random schedules of both sides, the network and crashes, in the pure core: a million of them in the full size."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random

import pytest

from tests.core.lane import Safeguards
from tests.core.test_convergence import Disputes
from tests.faults.cores import play_all
from tests.faults.figures import reached
from tests.faults.schedules import MARKS, RULES, play
from tests.faults.size import sized

ROW = "random schedules of both sides, network and crashes"
ROOT = Path(__file__).resolve().parents[2]


def test_no_schedule_of_both_sides_the_network_and_crashes_ends_wrong() -> None:
    run = play_all(sized(1500, 30_000, 1_000_000))
    if run.seed is not None:
        sys.stderr.write("\n".join(run.told) + "\n")
    total, seen = run.total, run.total.seen
    reached(ROW, "schedules, violations", f"{total.histories}, {0 if run.seed is None else 1}", "1,000,000, 0")
    reached(
        ROW,
        "steps, acts of people, writes of ours in one, on average",
        ", ".join(f"{one / total.histories:.1f}" for one in (total.steps, total.acts, total.writes)),
        "reported",
    )
    reached(ROW, "schedules a second, of one core", round(total.histories / run.seconds), "at least 100")
    reached(ROW, "how often each rule did something", _counted(seen, RULES), "each more than 0")
    reached(ROW, "how often each of these happened", _counted(seen, MARKS), "each more than 0")
    assert run.seed is None, f"seed {run.seed}: {run.wrong}. Told again by: python -m tests.faults replay {run.seed}"
    assert all(seen[name] for name in (*RULES, *MARKS))


def _counted(seen: Mapping[str, int], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {seen[name]}" for name in names)


def test_the_driver_has_every_rule_of_the_machine_with_all_that_it_asks_for() -> None:
    dice = Random(1)  # noqa: S311  only to see what is drawn
    of_the_machine = {rule.function.__name__: set(rule.arguments) for rule in Disputes().rules}
    assert {name: set(draw(dice)) for name, draw in RULES.items()} == of_the_machine


@pytest.mark.parametrize(
    "missing",
    [
        Safeguards(looks_before_repeating=False),
        Safeguards(knows_its_own_notes=False),
        Safeguards(minds_whose_words=False),
        Safeguards(minds_time=False),
        Safeguards(weighs=False),
    ],
    ids=["no look before a repeat", "no echo rule", "echo by author", "a stale event accepted", "a wish never weighed"],
)
def test_without_a_safeguard_a_schedule_ends_wrong(missing: Safeguards, request: pytest.FixtureRequest) -> None:
    found = next((seed for seed in range(1500) if play(seed, missing).wrong), None)
    reached(ROW, f"found without a safeguard ({request.node.callspec.id}), after schedules", found, "found")
    assert found is not None
    assert not play(found).wrong


def test_a_seed_tells_the_same_history_in_any_process() -> None:
    first, second = _replayed("7", of="1"), _replayed("7", of="2")
    assert first == second == "\n".join([*play(7, is_told=True).told, "The schedule of seed 7 ends well.", ""])


def _replayed(seed: str, *, of: str) -> str:
    """`of` is the seed of Python's own hashes, which order its sets."""
    env = {**os.environ, "PYTHONHASHSEED": of}
    words = [sys.executable, "-m", "tests.faults", "replay", seed]
    return subprocess.run(words, cwd=ROOT, env=env, check=True, capture_output=True, text=True).stdout
