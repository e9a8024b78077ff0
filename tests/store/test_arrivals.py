"""Hooks as they came in: each event once, each claimed by one worker, each planned again only when it should be."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from syncd.store import arrivals, holds, inflow
from syncd.store.arrivals import NewArrival
from syncd.store.database import Database, Tx
from syncd.store.tables import arrivals as table
from tests.store.ledger import NOON, SHARD, heard, hook, later

TEN_MINUTES = timedelta(minutes=10)


def _due(tx: Tx, seconds: float = 0) -> list[int]:
    return [one.id for one in arrivals.due(tx, [SHARD], later(seconds), 100)]


def test_what_went_in_comes_out_as_it_was(db: Database) -> None:
    with db.write() as tx:
        (number,) = heard(tx, hook("a"))
        (found,) = arrivals.due(tx, [SHARD], NOON, 10)
    assert (found.id, found.source, found.event_key, found.record) == (number, "pagerduty", "a", "I-1")
    assert (found.body, found.received_at, found.attempt) == (b"{}", NOON, 0)


def test_a_repeat_within_a_group_gets_no_id(db: Database) -> None:
    with db.write() as tx:
        first, again, other = arrivals.add_many(tx, [hook("a"), hook("a", record="I-2"), hook("b")])
        assert first is not None
        assert again is None
        assert other is not None
        assert {one.record for one in arrivals.due(tx, [SHARD], NOON, 10)} == {"I-1"}  # The first one's.


def test_a_repeat_of_an_earlier_group_gets_no_id(db: Database) -> None:
    with db.write() as tx:
        heard(tx, hook("a"))
    with db.write() as tx:
        assert [number is None for number in arrivals.add_many(tx, [hook("b"), hook("a")])] == [False, True]


def test_the_same_key_of_another_source_is_another_event(db: Database) -> None:
    with db.write() as tx:
        assert len(heard(tx, hook("a"), hook("a", source="cases"))) == 2


def test_a_hook_without_a_key_is_never_a_repeat(db: Database) -> None:
    with db.write() as tx:
        assert len(set(heard(tx, hook(None), hook(None), hook("a"), hook(None)))) == 4


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    groups=st.lists(
        st.lists(st.one_of(st.none(), st.sampled_from("abcdef")), min_size=1, max_size=8), min_size=1, max_size=4
    )
)
def test_of_each_event_exactly_one_gets_an_id(db: Database, groups: list[list[str | None]]) -> None:
    with db.write() as tx:
        tx.execute(text("DELETE FROM arrivals"))
        given_out: list[int] = []
        for group in groups:
            numbers = arrivals.add_many(tx, [hook(key) for key in group])
            assert len(numbers) == len(group)
            given_out += [number for number in numbers if number is not None]
        keys = [key for group in groups for key in group]
        expected = keys.count(None) + len({key for key in keys if key is not None})
        assert len(given_out) == len(set(given_out)) == expected == len(_due(tx))


def test_due_is_of_its_shard_in_order_and_no_more_than_asked_for(db: Database) -> None:
    with db.write() as tx:
        numbers = heard(tx, *[hook(str(9 - number), at=later(number - 9)) for number in range(5)])
        other = NewArrival("pagerduty", "x", "t", "I-9", b"", NOON, SHARD + 1)
        heard(tx, other)
        assert _due(tx) == numbers  # In the order they came, whatever their keys.
        assert len(arrivals.due(tx, [SHARD], NOON, 2)) == 2
        assert arrivals.due_shards(tx, NOON) == [SHARD, SHARD + 1]


def test_what_another_worker_has_in_its_hands_is_left_to_it(db: Database) -> None:
    if db.is_sqlite:
        pytest.skip("A writing transaction of SQLite is alone.")
    with db.write() as tx:
        first, second = heard(tx, hook("a"), hook("b"))
    with db.write() as one, db.write() as other:
        assert [arrival.id for arrival in arrivals.due(one, [SHARD], NOON, 1)] == [first]
        assert _due(other) == [second]
        assert arrivals.claim(other, [first, second]).keys() == {second}


@pytest.mark.parametrize("end", [arrivals.planned, arrivals.unlinked, arrivals.unreadable])
def test_what_is_done_is_not_due_and_cannot_be_claimed(db: Database, end: object) -> None:
    assert callable(end)
    with db.write() as tx:
        first, second = heard(tx, hook("a"), hook("b"))
        end(tx, [first])
        assert _due(tx) == [second]
        assert arrivals.claim(tx, [first, second]).keys() == {second}


def test_an_end_comes_once(db: Database) -> None:
    with db.write() as tx:
        (number,) = heard(tx, hook("a"))
        arrivals.unreadable(tx, [number])
        arrivals.planned(tx, [number])
        assert tx.execute(select(table.c.state)).scalar_one() == "unreadable"


def test_the_next_of_a_type_is_the_earliest_that_is_still_to_be_planned(db: Database) -> None:
    with db.write() as tx:
        looks = [NewArrival("pagerduty", None, "look", "I-1", b"", NOON, SHARD) for _ in range(3)]
        first, second, third = heard(tx, *looks)
        assert arrivals.next_of(tx, "pagerduty", "I-1", "look") == NOON
        assert arrivals.next_of(tx, "pagerduty", "I-1", "other") is None
        assert arrivals.next_of(tx, "pagerduty", "I-2", "look") is None
        assert arrivals.next_of(tx, "cases", "I-1", "look") is None
        arrivals.put_off(tx, first, later(60))
        arrivals.put_off(tx, second, later(30))
        arrivals.defer(tx, [third], later(20))  # It is being made, perhaps.
        assert arrivals.next_of(tx, "pagerduty", "I-1", "look") == NOON
        arrivals.planned(tx, [third])
        assert arrivals.next_of(tx, "pagerduty", "I-1", "look") == later(30)
        arrivals.planned(tx, [first, second])
        assert arrivals.next_of(tx, "pagerduty", "I-1", "look") is None


def test_a_look_put_off_is_due_later_and_counted(db: Database) -> None:
    with db.write() as tx:
        (number,) = heard(tx, hook("a"))
        arrivals.put_off(tx, number, later(10))
        assert _due(tx, 9) == []
        assert arrivals.due_shards(tx, later(9)) == []
        (found,) = arrivals.due(tx, [SHARD], later(10), 1)
    assert found.attempt == 1


def test_hasten_brings_forward_only_what_that_source_waits_for(db: Database) -> None:
    with db.write() as tx:
        mine, others = heard(tx, hook("a"), hook("b", source="cases"))
        for number in (mine, others):
            arrivals.put_off(tx, number, later(1000))
        assert holds.hasten_hooks(tx, "pagerduty", later(5)) == [SHARD]
        assert _due(tx, 5) == [mine]


def test_again_is_for_what_was_planned(db: Database) -> None:
    with db.write() as tx:
        first, second = heard(tx, hook("a"), hook("b"))
        arrivals.planned(tx, [first])
        arrivals.unreadable(tx, [second])
        for number in (first, second):
            arrivals.again(tx, number, later(1))
        assert _due(tx, 1) == [first]


def test_the_oldest_that_waits(db: Database) -> None:
    with db.write() as tx:
        assert inflow.oldest_new(tx) is None
        first, second = heard(tx, hook("a", at=later(-5)), hook("b"))
        assert _oldest(tx) == (later(-5), first)
        arrivals.planned(tx, [first])
        assert _oldest(tx) == (NOON, second)


def _oldest(tx: Tx) -> tuple[datetime, int]:
    found = inflow.oldest_new(tx)
    assert found is not None
    return found.since, found.id


def test_a_state_nobody_knows_is_refused(db: Database) -> None:
    with db.write() as tx:
        heard(tx, hook("a"))
    with pytest.raises(IntegrityError, match=r"(?i)check"), db.write() as tx:
        tx.execute(update(table).values(state="lost"))
