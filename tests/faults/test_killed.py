"""kill -9 of whatever runs, at any moment, while people work on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import books
from tests.e2e.fleet import Fleet
from tests.faults.crowd import Crowd
from tests.faults.deaths import BACKENDS, crowd_of, kill_some, resumed, seeded, slow_site
from tests.faults.figures import reached
from tests.faults.size import sized
from tests.parts.postgres import Postgres

ROW = "kill -9 of a random receiver, worker or beat"
QUIET_WITHIN = (
    150.0  # a hook that was turned away twice is sent again after 30 s, an attempt that was lost is made after 46
)


def settle_down(made: Fleet, crowd: Crowd) -> None:
    made.await_ready()
    made.await_quiet(QUIET_WITHIN)
    assert crowd.wrongs() == []
    books.match(books.read(made), were_workers_killed=True)


@pytest.mark.parametrize("backend", BACKENDS)
def test_parts_are_killed_at_random_moments_under_load(tmp_path: Path, backend: str, postgres: Postgres) -> None:
    dice = seeded(11)
    with slow_site(tmp_path, backend, postgres) as made:
        crowd = crowd_of(made, dice)
        with crowd.at_work():
            deaths = kill_some(made, dice, sized(4, 50, 250))
        settle_down(made, crowd)
        waits = [one.total_seconds() for one in resumed(made, deaths)]
    where = f"{ROW}, {backend}"
    reached(where, "kills, changes by people", f"{len(deaths)}, {crowd.count}", "500 in all")
    reached(where, "changes lost, notes or incidents doubled, orders broken, sides unequal", 0, "0")
    reached(where, "attempts whose worker was lost", len(waits), "some")
    reached(where, "seconds from a kill to the next attempt, at most", round(max(waits, default=0), 1), "45")
