"""The row of a database restored from a backup an hour old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.flow.status.condition import condition
from syncd.store import deliveries
from tests.faults.figures import reached
from tests.faults.site import Site, act, site
from tests.faults.size import sized

HOUR = 3600.0
ROW = "database restored from an hour-old backup"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path) as made:
        yield made


def test_a_database_of_an_hour_ago_ends_as_if_nothing_had_been_lost(at: Site) -> None:
    keys = [at.open(f"Case {number}") for number in range(sized(12, 60, 400))]
    at.until_quiet()
    act(at, keys, sized(40, 200, 1000), "before")
    keys += [at.open(f"Just before {number}") for number in range(sized(4, 20, 100))]
    at.carry()
    at.work()
    act(at, keys, sized(20, 100, 400), "under way")
    at.carry()
    at.back_up()
    for part in range(6):
        keys += [at.open(f"Lost {part} {number}") for number in range(sized(2, 10, 50))]
        act(at, keys, sized(20, 100, 500), f"lost {part}")
        at.carry()
        at.work()
        at.carry()
        at.clock.forward(HOUR / 6)
    at.work()
    act(at, keys, sized(20, 100, 400), "unheard")
    at.lose_hooks()
    incidents = len(at.sim.account.incidents)
    unheard = sum(1 for key in keys if not at.incident_of(key))
    began = at.clock.monotonic()
    at.sim.journal.requests.clear()
    done = at.restore()
    at.until_quiet()
    made = len(at.sim.account.incidents) - incidents
    reached(
        ROW, "incidents opened again, of cases that had none", f"{made - unheard}, {unheard}", "adopted by incident_key"
    )
    reached(ROW, "notes twice", at.twice(), "0")
    reached(ROW, "cases and incidents that differ", len(at.differences()), "both sides equal")
    reached(
        ROW,
        "seconds, PagerDuty requests",
        f"{at.clock.monotonic() - began:.0f}, {len(at.sim.journal.requests)}",
        "reported",
    )
    assert (done.until - done.since) >= timedelta(hours=1)
    assert made == unheard
    assert at.twice() == 0
    assert at.differences() == []
    with at.db.read() as tx:
        assert deliveries.find(tx, {"outcome": "failed"}) == []
    assert not any("backup" in one.what for one in condition(at.db).findings)
