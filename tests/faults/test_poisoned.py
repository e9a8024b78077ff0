"""One link whose far side misbehaves for ever among many that are well: it may not slow the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from syncd.simulator import Fault
from syncd.simulator.faults import FOR_EVER
from syncd.store import deliveries
from syncd.store.cases import Hand
from tests.faults.figures import reached
from tests.faults.people import people_act
from tests.faults.size import sized
from tests.faults.stage import Stage, stage

STEP = 0.1  # simulated seconds
TRIP = 0.25  # what a call that is well takes
LASTS = timedelta(seconds=sized(8, 60, 300))
DRAINS = timedelta(seconds=60)
STILL_COUNTS = timedelta(seconds=3)  # what is under way when people stop is measured as finely as the rest
ANA = Hand("Ana Lima", "api")
MOST = 1_000_000  # rows that are read

Poison = Callable[[str], Fault]
POISONS: dict[str, Poison] = {
    "answers 500": lambda path: Fault(count=FOR_EVER, path=path, status=500),
    "hangs": lambda path: Fault(count=FOR_EVER, path=path, delay_s=600, cut=True),
    "answers 400 to each write": lambda path: Fault(count=FOR_EVER, path=path, methods=("POST", "PUT"), status=400),
}


@dataclass(frozen=True, slots=True)
class Seen:
    p95: float  # seconds from the change until it was delivered, of the other links
    delivered: int
    failed: int  # attempts on the poisoned link that did not end well


def _run(folder: Path, poison: Poison | None) -> Seen:
    """The same people, dice and pace every time; only what becomes of the first link's requests differs."""
    with _ready(folder) as at:
        sick, *well = at.open(sized(60, 200, 500))
        if poison is not None:
            at.sim.faults.lay(poison(f"/incidents/{at.incident_of(sick)}*"))
        at.sim.faults.lay(Fault(count=FOR_EVER, delay_s=TRIP))
        began = at.clock.now()
        while at.clock.now() - began < LASTS:
            if at.dice.random() < 0.6:
                people_act(at, well, 1, on_incidents=False)
            if (at.clock.now() - began) % timedelta(seconds=2) < timedelta(seconds=STEP):
                at.cases.comment(sick, ANA, "this one is poisoned")
            _pass(at)
        ended = at.clock.now()
        while at.clock.now() - ended < DRAINS:
            _pass(at)
            if at.clock.now() - ended > STILL_COUNTS:
                at.clock.forward(2.0)
        at.check(well)  # Before the poison is taken away.
        seen = _seen(at, sick)
        at.sim.faults.clear()
        at.until_quiet(timedelta(hours=3), step=5)
        assert len(at.notes(sick)) + _died(at, sick) == len(at.comments(sick))
        return seen


@contextmanager
def _ready(folder: Path) -> Iterator[Stage]:
    folder.mkdir()
    with stage(folder) as at:
        yield at


def _pass(at: Stage) -> None:
    at.work()
    at.carry()
    at.clock.forward(STEP)


def _seen(at: Stage, sick: str) -> Seen:
    with at.db.read() as tx:
        rows = deliveries.find(tx, {"direction": "outbound"}, limit=MOST)
    lags = sorted(
        row["e2e_ms"] / 1000
        for row in rows
        if row["outcome"] == "applied" and row["action"] != "open" and row["case_id"] != sick
    )
    failed = sum(1 for row in rows if row["case_id"] == sick and row["outcome"] in {"retrying", "failed"})
    return Seen(lags[int(len(lags) * 0.95)], len(lags), failed)


def _died(at: Stage, sick: str) -> int:
    with at.db.read() as tx:
        return len(deliveries.find(tx, {"outcome": "failed", "case_id": sick}, limit=MOST))


def test_one_poisoned_link_does_not_slow_the_others(tmp_path: Path) -> None:
    row = f"one poisoned link among {sized(60, 200, 500)}"
    clean = _run(tmp_path / "clean", None)
    reached(row, "p95 of a clean run, seconds, deliveries", f"{clean.p95:.2f}, {clean.delivered}", "reported")
    assert clean.failed == 0
    for number, (name, poison) in enumerate(POISONS.items()):
        sick = _run(tmp_path / str(number), poison)
        reached(row, f"p95 of the others when it {name}", f"{sick.p95:.2f}, x {sick.p95 / clean.p95:.2f}", "x 1.10")
        assert sick.failed
        assert sick.delivered == clean.delivered
        assert sick.p95 <= 1.1 * clean.p95 + STEP  # No lag is told apart more finely than that.
