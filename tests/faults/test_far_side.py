"""Every way in which PagerDuty or the way to it can misbehave, while people change both sides, in simulated time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from syncd.simulator import Fault
from syncd.simulator.faults import FOR_EVER
from syncd.store import deliveries
from tests.faults.figures import reached
from tests.faults.people import people_act
from tests.faults.size import sized
from tests.faults.stage import Stage, stage

ROW = "PagerDuty misbehaves for 10 min"
LASTS = timedelta(minutes=10)
STEP = sized(30, 5, 5)  # simulated seconds between two rounds of people
HOOKS = 0.15  # of the rounds bring what was told meanwhile: a hook alone may not save us from a second note
HANGS = 600.0  # longer than any patience
MOST = 100_000  # rows of deliveries that are read
NUMBER = re.compile(r"(case|incident) says (\d+)$")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults of PagerDuty itself, or what a connection that is not made says."""

    faults: tuple[Fault, ...] = ()
    is_not_reached: str = ""


def _now_and_then(percent: float, fault: Fault) -> Fault:
    return replace(fault, count=FOR_EVER, percent=percent)


def _write(fault: Fault) -> Fault:
    return replace(fault, methods=("POST", "PUT"))


def _late(seconds: float, fault: Fault) -> Fault:
    """The answer never comes, and the write lands so long after it was sent."""
    return _now_and_then(15, _write(replace(fault, apply_after_s=seconds)))


TROUBLES = {
    "429 storm": Trouble((_now_and_then(100, Fault(status=429, retry_after_s=20)),)),
    "429 now and then, without a header": Trouble((_now_and_then(30, Fault(status=429, limit_headers=False)),)),
    "5xx": Trouble((_now_and_then(100, Fault(status=503)),)),
    "5xx that may have been applied": Trouble(
        (
            _now_and_then(25, _write(Fault(status=502, applied=True, shape="html"))),
            _now_and_then(33, _write(Fault(status=500))),
        )
    ),
    "answers lost after the write was applied": Trouble((_now_and_then(40, _write(Fault(cut=True, applied=True))),)),
    "answers cut in the middle": Trouble((_now_and_then(40, Fault(partial=True)),)),
    "writes that land up to 30 s late": Trouble(
        (
            *(_late(seconds, Fault(cut=True)) for seconds in (1, 12, 30)),
            _late(35, Fault(delay_s=HANGS, status=504)),
        )
    ),
    "hangs": Trouble((_now_and_then(15, Fault(delay_s=HANGS, cut=True)), _now_and_then(15, Fault(delay_s=HANGS)))),
    "dripping answers": Trouble((_now_and_then(30, Fault(drip_s=1.0)),)),
    "DNS failure": Trouble(
        is_not_reached="The name api.pagerduty.com cannot be resolved ([Errno -3] Temporary failure in name resolution)."
    ),
    "TLS failure": Trouble(
        is_not_reached="[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)"
    ),
}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


@pytest.mark.parametrize("name", TROUBLES)
def test_nothing_is_lost_doubled_or_out_of_order_while_pagerduty_misbehaves(at: Stage, name: str) -> None:
    keys = at.open(sized(4, 30, 100))
    at.sim.journal.requests.clear()
    _begin(at, TROUBLES[name])
    began = at.clock.now()
    while at.clock.now() - began < LASTS:
        if at.clock.now() - began < LASTS * sized(5, 10, 10) / 10:
            people_act(at, keys, sized(5, 8, 16), on_incidents=True)
        _go_on(at)
    at.sim.faults.clear()
    at.road.is_closed = False
    took = at.until_quiet(timedelta(hours=2), step=sized(20, 2, 2))
    at.check(keys)
    for key in keys:
        _stands_once_and_in_order(at.notes(key), key)
        _stands_once_and_in_order(at.comments(key), key)
    rows = _attempts_in_rows(at)
    again = [row for row in rows if row["outcome"] == "retrying"]
    reached(f"{ROW}: {name}", "duplicates, notes out of order", "0, 0", "0 duplicates, order per link kept")
    reached(f"{ROW}: {name}", "attempts in rows, of them tried again", f"{len(rows)}, {len(again)}", "schedule in rows")
    reached(f"{ROW}: {name}", "quiet after, seconds", round(took), "reported")
    assert again, "this fault was met by nobody"


def _begin(at: Stage, trouble: Trouble) -> None:
    for fault in trouble.faults:
        at.sim.faults.lay(fault)
    at.road.is_closed = bool(trouble.is_not_reached)
    at.road.why_closed = trouble.is_not_reached


def _go_on(at: Stage) -> None:
    at.work()
    at.sim.door.catch_up()
    if at.dice.random() < HOOKS:
        at.carry()
    at.clock.forward(STEP)


def _stands_once_and_in_order(texts: Sequence[str], key: str) -> None:
    """What one side said stands on either side in the order of its numbers."""
    said = [found.groups() for text in texts if (found := NUMBER.search(text))]
    for side in ("case", "incident"):
        numbers = [int(number) for by, number in said if by == side]
        assert numbers == sorted(set(numbers)), f"what the {side} of {key} said: {numbers}"


def _attempts_in_rows(at: Stage) -> list[dict[str, Any]]:
    """Each attempt has its row, in its order, and says when the next one is due, which is not before that."""
    with at.db.read() as tx:
        found = deliveries.find(tx, {}, limit=MOST)
    assert len(found) < MOST, "there are more rows than were read"
    rows = [row for row in reversed(found) if row["errand_id"] and row["started_at"]]
    attempts: dict[int, list[int]] = {}
    for row in rows:
        attempts.setdefault(row["errand_id"], []).append(row["attempt"])
        assert row["outcome"] != "failed", row
        assert row["outcome"] != "retrying" or row["next_attempt_at"] >= row["recorded_at"], row
    for errand, numbers in attempts.items():
        assert numbers == list(range(1, len(numbers) + 1)), f"errand {errand} has rows of attempts {numbers}"
    return rows
