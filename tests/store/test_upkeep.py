"""Of all who ask for the pruning at once one gets it, until its time is over."""

from __future__ import annotations

from datetime import timedelta

from syncd.store import upkeep
from syncd.store.database import Database
from tests.store.ledger import NOON

MINUTE = timedelta(minutes=1)


def test_one_takes_it_and_nobody_else_before_its_time_is_over(db: Database) -> None:
    with db.write() as tx:
        assert upkeep.take(tx, NOON, NOON + MINUTE)
        assert not upkeep.take(tx, NOON, NOON + MINUTE)
        assert upkeep.take(tx, NOON + MINUTE, NOON + 2 * MINUTE)


def test_a_slice_that_left_something_does_not_count_as_in_time(db: Database) -> None:
    with db.write() as tx:
        upkeep.take(tx, NOON, NOON + MINUTE)
        upkeep.end(tx, NOON + MINUTE, NOON + MINUTE, is_in_time=False)
        left = upkeep.get(tx)
        upkeep.end(tx, NOON + 2 * MINUTE, NOON + MINUTE, is_in_time=True)
        done = upkeep.get(tx)
    assert left is not None
    assert done is not None
    assert (left.ran_at, left.in_time_at) == (NOON + MINUTE, NOON)
    assert (done.ran_at, done.in_time_at) == (NOON + 2 * MINUTE, NOON + 2 * MINUTE)
