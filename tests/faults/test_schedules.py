"""Random schedules of both sides, the network and crashes, in the pure core: a million of them in the full size."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.core.job import Safeguards
from tests.faults.cores import play_all
from tests.faults.figures import reached
from tests.faults.schedules import MARKS, RULES, play
from tests.faults.size import sized

ROW = "random schedules of both sides, network and crashes"
ROOT = Path(__file__).resolve().parents[2]


def test_no_schedule_of_both_sides_the_network_and_crashes_ends_wrong() -> None:
    run = play_all(sized(1500, 30_000, 1_000_000))
    sys.stderr.write("\n".join(run.told))
    total, seen = run.total, run.total.seen
    reached(ROW, "schedules, violations", f"{total.histories}, {len(run.wrong)}", "1,000,000, 0")
    reached(
        ROW,
        "steps, acts of people, writes of ours in one, on average",
        ", ".join(f"{one / total.histories:.1f}" for one in (total.steps, total.acts, total.writes)),
        "reported",
    )
    reached(ROW, "schedules a second, of one core", round(total.histories / run.seconds), "at least 100")
    reached(ROW, "how often each rule did something", _counted(seen, RULES), "each more than 0")
    reached(ROW, "how often each of these happened", _counted(seen, MARKS), "each more than 0")
    assert not run.wrong, f"by seed, each told again by `python -m tests.faults replay SEED`: {run.wrong}"
    assert all(seen[name] for name in (*RULES, *MARKS))


def _counted(seen: Mapping[str, int], names: Iterable[str]) -> str:
    return ", ".join(f"{name} {seen[name]}" for name in names)


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
