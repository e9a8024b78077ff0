"""What the simulated PagerDuty answers is read to the last field, and tells what people and programs did to an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from syncd.clock import StoppedClock
from syncd.evidence.facts.incidents import Actor, Entry, Incident, entry_of, incident_of
from syncd.evidence.facts.oncalls import oncall_of
from syncd.evidence.facts.policies import policy_of
from syncd.evidence.facts.reading import Json, read_all
from syncd.evidence.facts.services import service_of
from syncd.evidence.facts.teams import abilities_of
from syncd.evidence.facts.users import user_of
from syncd.evidence.rules.values import Rules
from syncd.evidence.times import times
from syncd.simulator import BOT_EMAIL, Simulator, simulator

_Row = TypeVar("_Row")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


@pytest.fixture
def sim(clock: StoppedClock) -> Iterator[Simulator]:
    with simulator(seed=7, clock=clock) as made:
        yield made


@pytest.fixture
def rest(sim: Simulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Token token={sim.keys.full}", "From": BOT_EMAIL}
    with httpx.Client(transport=sim.transport(), base_url="https://api.pagerduty.com", headers=headers) as made:
        yield made


def _all(rest: httpx.Client, path: str, key: str, read: Callable[[Json], _Row]) -> tuple[_Row, ...]:
    rows, missing = read_all(rest.get(path, params={"limit": 100}).json()[key], read)
    assert (missing, bool(rows)) == ((), True)
    return rows


def test_the_directory_is_read(rest: httpx.Client, sim: Simulator) -> None:
    services = _all(rest, "/services", "services", service_of)
    policies = _all(rest, "/escalation_policies", "escalation_policies", policy_of)
    users = _all(rest, "/users", "users", lambda given: user_of(given, b"key"))
    assert {one.id for one in services} == set(sim.account.services)
    assert {one.policy for one in services} <= {one.id for one in policies}
    assert all(user.name not in user.address for user in users)
    on_calls = _all(rest, "/oncalls", "oncalls", oncall_of)
    assert {one.user for one in on_calls} <= {one.id for one in users}
    assert "teams" in {one.id for one in abilities_of(rest.get("/abilities").json())}


def _read(rest: httpx.Client, incident_id: str) -> Incident:
    log = _all(rest, f"/incidents/{incident_id}/log_entries", "log_entries", entry_of)
    return incident_of(rest.get(f"/incidents/{incident_id}").json()["incident"], log)


def test_a_log_is_read_in_its_order_and_programs_are_told_apart(
    rest: httpx.Client, sim: Simulator, clock: StoppedClock
) -> None:
    opened = sim.people.open("Checkout is slow", "Ana Lima", incident_key="case-1")
    clock.forward(120)
    reference = {"id": opened.id, "type": "incident_reference"}
    asked = {"incident": {**reference, "status": "acknowledged"}}
    assert rest.put(f"/incidents/{opened.id}", json=asked).status_code == 200
    clock.forward(120)
    asked = {"incident": {**reference, "status": "resolved", "resolution": "Restarted"}}
    assert rest.put(f"/incidents/{opened.id}", json=asked).status_code == 200
    found = _read(rest, opened.id)
    assert [one.what for one in found.log or () if one.what is not Entry.OTHER] == [
        Entry.TRIGGER,
        Entry.ACKNOWLEDGE,
        Entry.RESOLVE,
    ]
    measured = times(found, Rules(), clock.now())
    assert (measured.acknowledged, measured.acknowledged_by) == (None, Actor.API)
    assert (measured.resolved, measured.resolved_by) == (timedelta(minutes=4), Actor.API)
    assert any(one.has_note for one in found.log or ())


def test_a_reopened_incident_has_two_cycles(rest: httpx.Client, sim: Simulator, clock: StoppedClock) -> None:
    opened = sim.people.open("Checkout is slow", "Ana Lima", incident_key="case-1")
    clock.forward(60)
    sim.people.resolve(opened.id, "Ben Osei")
    clock.forward(60)
    sim.people.reopen(opened.id, "Ben Osei")
    clock.forward(60)
    measured = times(_read(rest, opened.id), Rules(), clock.now())
    assert (measured.reopened, measured.resolved, measured.lasted) == (1, None, timedelta(minutes=3))
