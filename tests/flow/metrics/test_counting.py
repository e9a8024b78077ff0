"""Counts are read off the tables: each row once, whoever counts, and none is taken back when rows are thrown away."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from syncd.clock import StoppedClock
from syncd.core.changes import Field, Side, Status
from syncd.core.reasons import Outcome, Reason
from syncd.flow.metrics import counting
from syncd.flow.metrics.counting import totals
from syncd.store import arrivals, deliveries, tallies
from syncd.store.database import Database
from syncd.store.deliveries import Delivery
from syncd.store.tables import deliveries as rows
from syncd.store.tallies import Book, Count, Key
from tests.flow.far_side import ANA
from tests.flow.world import World
from tests.store.ledger import NOON, hook

LONG = counting.SETTLED_AFTER + timedelta(seconds=1)
ROW = Delivery(
    recorded_at=NOON, direction="inbound", change="resolve", outcome=Outcome.APPLIED, reason=Reason.CHANGED, e2e_ms=700
)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Database]:
    db = Database(database_url, StoppedClock(NOON), is_alone=True)
    yield db
    db.close()


def record(db: Database, *told: Delivery) -> None:
    with db.write() as tx:
        deliveries.record_many(tx, [replace(one, recorded_at=db.now(tx)) for one in told])


def forward(db: Database, by: timedelta = LONG) -> None:
    clock = db.clock
    assert isinstance(clock, StoppedClock)
    clock.forward(by.total_seconds())


def throw_away(db: Database) -> None:
    with db.write() as tx:
        tx.execute(delete(rows))


def test_what_a_delivery_counts_as(ledger: Database) -> None:
    sent = replace(ROW, errand_id=2, attempt=1, method="PUT", http_status=200, e2e_ms=90_000_000)
    lost = replace(sent, outcome=Outcome.RETRYING, reason=Reason.UNREACHABLE, http_status=None)
    repeat = replace(
        ROW, change="incident.resolved", outcome=Outcome.SUPPRESSED, reason=Reason.DUPLICATE, source_system="acme"
    )
    refused = replace(ROW, change="hook", outcome=Outcome.REJECTED, reason=Reason.BAD_SIGNATURE, source_system="acme")
    record(ledger, ROW, sent, lost, repeat, refused)
    assert totals(ledger) == {
        (Count.DELIVERY, "inbound", "resolve", "applied"): 2,
        (Count.DELIVERY, "inbound", "resolve", "retrying"): 1,
        (Count.DELIVERY, "inbound", tallies.OTHER, "suppressed"): 1,
        (Count.DELIVERY, "inbound", tallies.OTHER, "rejected"): 1,
        (Count.ATTEMPT, "inbound", "2xx"): 1,
        (Count.ATTEMPT, "inbound", tallies.NO_ANSWER): 1,
        (Count.LAG, "inbound", "1000"): 1,
        (Count.LAG, "inbound", tallies.LONGER): 1,
        (Count.LAG_MS, "inbound"): 90_000_700,
        (Count.HOOK, "acme", "repeated"): 1,
        (Count.HOOK, "acme", "rejected"): 1,
    }


def test_a_hook_counts_and_what_we_tell_ourselves_does_not(ledger: Database) -> None:
    ours = replace(hook(), event_type="syncd.look")
    with ledger.write() as tx:
        arrivals.add_many(tx, [hook("one"), hook("two"), ours])
    assert totals(ledger) == {(Count.HOOK, "pagerduty", "taken"): 2}


def test_what_really_happens_is_counted(linked: World) -> None:
    linked.act(Side.CASE, "C-1", Field.STATUS, Status.ACKNOWLEDGED, ANA)
    linked.drain()
    counted = {key[1:]: count for key, count in totals(linked.db).items() if key[0] == Count.DELIVERY}
    assert counted[("outbound", "acknowledge", "applied")] == 1
    assert sum(counted.values()) == len(linked.rows())


def test_a_row_is_counted_once_however_often_and_by_whomever_it_is_asked_for(ledger: Database) -> None:
    other = Database(ledger.url.render_as_string(hide_password=False), ledger.clock, is_alone=True)
    for _ in range(3):
        record(ledger, ROW)
        forward(ledger)
        assert totals(ledger) == totals(other)
    assert totals(ledger)[(Count.LAG, "inbound", "1000")] == 3
    other.close()


def test_what_was_counted_stays_when_it_is_thrown_away(ledger: Database) -> None:
    record(ledger, ROW, ROW)
    forward(ledger)
    before = totals(ledger)
    throw_away(ledger)
    assert totals(ledger) == before
    record(ledger, ROW)
    forward(ledger)
    assert totals(ledger)[(Count.LAG, "inbound", "1000")] == 3, "SQLite has given the first number anew"


def test_it_is_counted_in_steps_and_none_is_left_out(ledger: Database) -> None:
    record(ledger, *[ROW] * 7)
    forward(ledger)
    assert totals(ledger, step=2)[(Count.LAG, "inbound", "1000")] == 7
    with ledger.read() as tx:
        assert tallies.kept(tx, Book.DELIVERIES).upto == 7


ACTS = st.lists(st.sampled_from(["record", "forward", "ask", "throw away"]), max_size=30)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_no_count_ever_goes_back(
    acts: list[str], migrated_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with copied(migrated_file, tmp_path_factory.mktemp("counted")) as db:
        before: Counter[Key] = Counter()
        for act in [*acts, "ask"]:
            if act == "record":
                record(db, ROW)
            elif act == "forward":
                forward(db)
            elif act == "throw away":
                # Nothing is thrown away before it is days old, and who watches asks more often than that.
                forward(db)
                totals(db)
                throw_away(db)
            now = Counter(totals(db)) if act == "ask" else before
            assert now >= before
            before = now
        forward(db)
        assert totals(db).get((Count.LAG, "inbound", "1000"), 0) == acts.count("record")


@contextmanager
def copied(file: Path, folder: Path) -> Iterator[Database]:
    shutil.copy(file, folder / "syncd.db")
    db = Database(f"sqlite:///{folder}/syncd.db", StoppedClock(NOON), is_alone=True)
    yield db
    db.close()
