"""A look for missed changes that is put off in the middle, in simulated time. It proves one thing and has no figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from syncd.flow.catchup import reconcile
from syncd.store import reconciles
from tests.faults.stage import PAGERDUTY, Stage, stage


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def test_what_is_said_after_a_look_was_put_off_in_the_middle_of_the_log_is_found_by_the_next(at: Stage) -> None:
    """The log is read from its newest entry on: what came later never stands on a later page."""
    keys = at.open(6)
    at.carry()
    refs = [at.incident_of(key) for key in keys]
    at.clock.forward(3600)
    since = at.clock.now()
    for number in range(130):  # More than one page of the log.
        _say_unheard(at, refs[number % 5], f"note {number}")
    worker = reconcile.Worker(at.db, at.connections, at.clock, partial(_cut_off, at), lambda _: False)
    _ask(at, since)
    assert reconcile.work(worker)
    assert _look(at)["state"] == "waiting"
    at.road.is_closed = False
    at.until_quiet(timedelta(hours=1), carry=lambda: None)
    asked = at.clock.now()
    at.clock.forward(600)
    _say_unheard(at, refs[5], "said while nobody listened")
    _ask(at, asked)
    at.clock.forward(60)
    while reconcile.work(replace(worker, wake=at.crews[0].wake)):
        pass
    assert _look(at)["state"] == "done"
    at.until_quiet(timedelta(hours=1), carry=lambda: None)
    assert at.comments(keys[5]) == ["said while nobody listened"]


def _say_unheard(at: Stage, ref: str, words: str) -> None:
    at.sim.people.note(ref, words, "Ben Osei")
    at.clock.forward(1)
    at.sim.courier.take()


def _ask(at: Stage, since: datetime) -> None:
    with at.db.write() as tx:
        reconciles.ask(tx, PAGERDUTY, since, why="asked", by="Eve", now=at.db.now(tx))


def _look(at: Stage) -> dict[str, Any]:
    with at.db.read() as tx:
        found = reconciles.latest(tx, PAGERDUTY)
    assert found is not None
    return found


def _cut_off(at: Stage, shards: Iterable[int]) -> None:
    """Once the first page of the log was read."""
    at.crews[0].wake(shards)
    at.road.is_closed = _look(at)["cursor"].startswith("{")
