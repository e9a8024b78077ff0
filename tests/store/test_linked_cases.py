"""The cases of an account's incidents, as they stood at any time: by timelines of our own, by what is known of a case desk's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from syncd.clock import StoppedClock
from syncd.core.changes import Field, Side, Status
from syncd.core.link import Link, LinkState
from syncd.store import linked_cases, links
from syncd.store.cases import Cases, Hand, NewCase
from syncd.store.database import Database
from syncd.store.linked_cases import LinkedCase
from tests.store.payments import add_payments

ANA = Hand("Ana Lima", "api")
NOON = datetime.fromisoformat("2026-11-21T12:00:00+00:00")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOON)


@pytest.fixture
def store(database_url: str, clock: StoppedClock) -> Iterator[Database]:
    made = Database(database_url, clock, is_alone=True)
    add_payments(made)
    yield made
    made.close()


@pytest.fixture
def cases(store: Database) -> Cases:
    return Cases(store, site="http://syncd.test")


def link(store: Database, case: str, incident: str, system: str = "cases") -> None:
    with store.write() as tx:
        made = Link("", system, case, "acme", state=LinkState.OPENING, case_url=f"http://syncd.test/cases/{case}")
        stored = links.create(tx, made, key=f"k-{case}", title="t", body="", shard=1, now=store.now(tx))
        opened = replace(stored.link, incident_id=incident, state=LinkState.OPEN)
        links.save(tx, stored, opened, opened_at=store.now(tx))


def stood(store: Database, at: datetime, *incidents: str) -> dict[str, LinkedCase]:
    with store.read() as tx:
        return {one.incident: one for one in linked_cases.of_account(tx, "acme", at, incidents)}


def test_each_moment_has_its_own_answer(store: Database, cases: Cases, clock: StoppedClock) -> None:
    key = cases.open(NewCase("Checkout is slow"), ANA).case.key
    link(store, key, "Q1")
    moments = [clock.now()]
    for act in (cases.acknowledge, cases.resolve, cases.close, cases.reopen, cases.close):
        clock.forward(60)
        act(key, ANA)
        moments.append(clock.now())
    told = [stood(store, at)["Q1"] for at in moments]
    assert [one.status for one in told] == ["open", "acknowledged", "resolved", "closed", "open", "closed"]
    assert [one.opened_at for one in told] == [NOON] * 6
    resolved = [None, None, moments[2], moments[2], None, None]
    assert [one.resolved_at for one in told] == resolved
    assert [one.closed_at for one in told] == [None, None, None, moments[3], None, moments[5]]
    assert (told[0].case, told[0].url) == (key, f"http://syncd.test/cases/{key}")


def test_of_a_case_desk_the_last_that_it_told(store: Database, clock: StoppedClock) -> None:
    link(store, "C-1", "Q1", "desk")
    with store.write() as tx:
        stored = links.find(tx, "desk", Side.CASE, "C-1")
        assert stored is not None
        closed = stored.link.saw(Side.CASE, Field.STATUS, Status.CLOSED, NOON + timedelta(hours=2))
        links.save(tx, stored, closed)
    now, later = (stood(store, NOON + timedelta(hours=hours))["Q1"] for hours in (1, 3))
    assert (now.status, now.closed_at) == (Status.OPEN, None)
    assert (later.status, later.closed_at, later.system) == (Status.CLOSED, NOON + timedelta(hours=2), "desk")


def test_only_what_was_linked_by_then_and_only_those_that_were_asked_for(
    store: Database, cases: Cases, clock: StoppedClock
) -> None:
    first = cases.open(NewCase("One"), ANA).case.key
    link(store, first, "Q1")
    clock.forward(3600)
    link(store, cases.open(NewCase("Two"), ANA).case.key, "Q2")
    assert set(stood(store, NOON)) == {"Q1"}
    assert set(stood(store, clock.now())) == {"Q1", "Q2"}
    assert set(stood(store, clock.now(), "Q2", "Q9")) == {"Q2"}


def test_another_system_may_have_keys_like_ours(store: Database, cases: Cases, clock: StoppedClock) -> None:
    key = cases.open(NewCase("Ours"), ANA).case.key
    cases.close(key, ANA)
    link(store, key, "Q1", "desk")
    found = stood(store, clock.now() + timedelta(hours=1))["Q1"]
    assert (found.system, found.status) == ("desk", Status.OPEN)


def test_each_of_many_has_its_own_timeline(store: Database, cases: Cases, clock: StoppedClock) -> None:
    for number in range(3):
        key = cases.open(NewCase(f"{number}"), ANA).case.key
        link(store, key, f"Q{number}")
        if number == 2:
            cases.close(key, ANA)
    with store.read() as tx:
        found = list(linked_cases.of_account(tx, "acme", clock.now() + timedelta(hours=1)))
    assert [one.status for one in found] == ["open", "open", "closed"]
