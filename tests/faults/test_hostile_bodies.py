"""Bodies that a right secret has signed and that say what nobody says, about links that exist: each is planned, or is unreadable."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import func, select

from syncd.clock import StoppedClock
from syncd.connections.joining.builtin import BUILTIN
from syncd.core.changes import Side
from syncd.core.shard import shard_of
from syncd.flow import accept
from syncd.simulator import simulator
from syncd.store import inflow, integrations
from syncd.store.arrivals import NewArrival, add_many
from syncd.store.database import Database
from syncd.store.tables import arrivals, deliveries
from syncd.systems.port import Hook, System
from tests.faults.figures import reached
from tests.faults.shots import PAGERDUTY as SIGNED_AS
from tests.faults.shots import SECRET, signed
from tests.faults.size import sized
from tests.faults.stage import NOON, PAGERDUTY, Stage
from tests.faults.strange import twisted

ROW = "signed bodies that say what nobody says"
_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Door:
    system: System
    slug: str = PAGERDUTY
    side: Side = Side.INCIDENT
    secrets: tuple[str, ...] = (SECRET,)
    secret_ids: tuple[int, ...] = (1,)
    subscriptions: tuple[str, ...] = ()


@pytest.fixture
def at(database_url: str) -> Iterator[Stage]:
    clock = StoppedClock(NOON)
    db = Database(database_url, clock, is_alone=True)
    with simulator(seed=5, clock=clock) as sim:
        made = Stage(db, clock, sim, (clock,))
        yield made
        made.crews[0].close(0.1)
    db.close()


def test_each_is_planned_or_unreadable_and_none_makes_the_flow_fail(at: Stage) -> None:
    dice, many = random.Random(11), sized(300, 5_000, 50_000)  # noqa: S311  To be repeated.
    with structlog.testing.capture_logs() as logged:
        documents, told = _documents(at)
        door = _door(at)
        for number in range(many):
            if dice.random() < 0.7:
                _hook(at, door, twisted(dice, _named(json.loads(dice.choice(documents)), number)))
            else:
                _change(at, dice, json.loads(dice.choice(told)))
            if number % 100 == 99:
                _until_planned(at)
        _until_planned(at)
    with at.db.read() as tx:
        rows = tx.execute(select(arrivals.c.state, func.count()).group_by(arrivals.c.state))
        states = {str(state): count for state, count in rows}
        broken = list(tx.scalars(select(deliveries.c.detail).where(deliveries.c.reason == "broken")))
    name = "PostgreSQL" if not at.db.is_sqlite else "SQLite"
    reached(ROW, f"planned or unreadable on {name}", sum(states.values()), "each of them")
    reached(ROW, f"that made the flow fail on {name}", len(broken), "0")
    assert broken == []
    assert states.keys() == {"planned", "unreadable"}
    assert [line for line in logged if line["log_level"] == "error" and line["event"] != "link.alarmed"] == []


def _documents(at: Stage) -> tuple[Sequence[str], Sequence[str]]:
    """What both sides of three links have said while people worked on them."""
    keys = at.open(3)
    for key in keys:
        at.cases.comment(key, at.hand(), "case says")
        at.cases.set_priority(key, at.hand(), "P1")
        at.sim.people.acknowledge(at.incident_of(key), at.hand().name)
        at.sim.people.note(at.incident_of(key), "incident says", at.hand().name)
        at.sim.people.priority(at.incident_of(key), "P2", at.hand().name)
    parcels = at.sim.courier.take()
    at.bring(parcels)
    at.until_quiet(timedelta(hours=1))
    at.cases.resolve(keys[0], at.hand(), "Rolled back.")
    at.until_quiet(timedelta(hours=1))
    with at.db.read() as tx:
        bodies = tx.scalars(select(arrivals.c.body).where(arrivals.c.source == BUILTIN))
        return [parcel.body.decode() for parcel in parcels], [body.decode() for body in bodies]


def _door(at: Stage) -> Door:
    with at.db.read() as tx:
        account = integrations.get(tx, PAGERDUTY)
    assert account is not None
    return Door(at.connections.system(account))


def _named(document: dict[str, dict[str, object]], number: int) -> object:
    document["event"]["id"] = f"E{number}"
    return document


def _hook(at: Stage, door: Door, body: bytes) -> None:
    """As the receiver takes one in."""
    headers = {name.decode().lower(): value.decode() for name, value in signed(SIGNED_AS, body, "")}
    accept.store(at.db, [accept.prove(door, Hook(headers, body, at.clock.now()))])


def _change(at: Stage, dice: random.Random, document: object) -> None:
    """As one of the built-in cases is told, were their own words not the ones they should be."""
    record = at.cases.listing({}, limit=1)[0].key
    body = twisted(dice, document)
    row = NewArrival(BUILTIN, None, "case.changed", record, body, at.clock.now(), shard_of(f"{BUILTIN}/{record}"))
    with at.db.write() as tx:
        add_many(tx, [row])


def _until_planned(at: Stage) -> None:
    began = at.clock.now()
    while at.clock.now() - began < _WITHIN:
        at.work()
        at.carry()
        with at.db.read() as tx:
            if not inflow.count_waiting(tx):
                return
        at.clock.forward(5)
    with at.db.read() as tx:
        left = tx.execute(select(arrivals.c.id, arrivals.c.body).where(arrivals.c.state == "new")).all()
    message = f"not planned within {_WITHIN}: {left[:3]}"
    raise AssertionError(message)
