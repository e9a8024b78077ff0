"""Who changed an incident, as far as PagerDuty tells: the record for a status, and the log for a priority."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from syncd.clock import StoppedClock
from syncd.core.changes import NOBODY, Actor, Field
from syncd.simulator import BOT_EMAIL, Simulator, simulator
from syncd.systems.pagerduty.incident import Incidents
from tests.systems.trips import trip

BEN = Actor("Ben Osei")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@pytest.fixture
def sim(clock: StoppedClock) -> Iterator[Simulator]:
    with simulator(clock=clock) as made:
        yield made


def test_a_status_names_the_person_who_set_it(sim: Simulator, ours: Incidents) -> None:
    one = sim.people.open("One", "Ana Lima")
    sim.people.acknowledge(one.id, "Ben Osei")
    assert ours.fetch(trip(), one.id).by[Field.STATUS] == BEN


@pytest.mark.parametrize("by", [None, BOT_EMAIL])
def test_neither_automation_nor_we_are_a_person(sim: Simulator, ours: Incidents, by: str | None) -> None:
    one = sim.people.open("One", "Ana Lima")
    sim.people.acknowledge(one.id, by)
    assert ours.fetch(trip(), one.id).by == {}


def test_a_priority_is_named_by_the_log_and_the_record_has_its_name(sim: Simulator, ours: Incidents) -> None:
    one = sim.people.open("One", "Ana Lima")
    sim.people.priority(one.id, "P1", "Ben Osei")
    assert ours.fetch(trip(), one.id).priority_name == "P1"
    assert ours.who_set(trip(), one.id, Field.PRIORITY, None) == BEN
    assert ours.who_set(trip(), one.id, Field.STATUS, None) == NOBODY


def test_where_several_changed_fields_nobody_is_guessed_and_what_is_older_does_not_count(
    sim: Simulator, ours: Incidents, clock: StoppedClock
) -> None:
    one = sim.people.open("One", "Ana Lima")
    sim.people.priority(one.id, "P2", "Ana Lima")
    known_at = clock.now()
    clock.forward(5)
    sim.people.priority(one.id, "P1", "Ben Osei")
    assert ours.who_set(trip(), one.id, Field.PRIORITY, known_at) == BEN
    assert ours.who_set(trip(), one.id, Field.PRIORITY, None) == NOBODY
    sim.people.title(one.id, "Two", "Ana Lima")
    assert ours.who_set(trip(), one.id, Field.PRIORITY, known_at) == NOBODY
