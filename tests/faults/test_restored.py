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
    unheard = [key for key in keys if not at.incident_of(key)]
    over = {key for key in unheard if at.desk.cases.find(key).status == "resolved"}  # before anybody was paged for them
    began = at.clock.monotonic()
    at.sim.journal.requests.clear()
    done = at.restore()
    at.until_quiet()
    made = len(at.sim.account.incidents) - incidents
    reached(
        ROW,
        "incidents opened again, of cases that had none and needed one",
        f"{made - len(unheard) + len(over)}, {len(unheard) - len(over)}",
        "adopted by incident_key",
    )
    reached(ROW, "notes twice", at.twice(), "0")
    different = [key for key in at.differences() if key not in over]
    reached(ROW, "cases and incidents that differ", len(different), "both sides equal")
    reached(
        ROW,
        "seconds, PagerDuty requests",
        f"{at.clock.monotonic() - began:.0f}, {len(at.sim.journal.requests)}",
        "reported",
    )
    assert (done.until - done.since) >= timedelta(hours=1)
    assert made == len(unheard) - len(over)
    assert at.twice() == 0
    assert different == []
    with at.db.read() as tx:
        told = deliveries.find(tx, {"action": "open", "outcome": "ignored", "reason": "case_over"}, limit=len(keys))
        assert {row["case_id"] for row in told} == over
        assert deliveries.find(tx, {"outcome": "failed"}) == []
    assert not any("backup" in one.what for one in condition(at.db).findings)
