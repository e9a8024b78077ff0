"""Up to a mark every moment was covered by a look, whatever looks there were and in whatever order they ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from syncd.store import marks, reconciles
from syncd.store.database import Database, Tx
from syncd.store.marks import Marks
from tests.store.ledger import NOON, an_account, later

SLUG = "pagerduty"
MOMENT = st.integers(0, 9)
LOOK = st.tuples(MOMENT, MOMENT, st.booleans()).map(lambda one: (min(one[:2]), max(one[:2]), one[2]))


def _reached(looks: Sequence[tuple[int, int]]) -> datetime:
    """How far one comes from the beginning on, from look to look."""
    reached = 0
    for since, until in sorted(looks):
        reached = max(reached, until) if since <= reached else reached
    return later(reached)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(looks=st.lists(LOOK, max_size=8))
def test_a_mark_never_stands_behind_a_gap_and_never_goes_back(db: Database, looks: list[tuple[int, int, bool]]) -> None:
    with db.write() as tx, tx.begin_nested() as trial:
        an_account(tx)
        for number, (since, until, is_deep) in enumerate(looks):
            before = marks.of(tx, SLUG)
            marks.move(tx, SLUG, later(since), later(until), is_deep=is_deep)
            after, ended = marks.of(tx, SLUG), looks[: number + 1]
            assert before.listed_until <= after.listed_until <= _reached([one[:2] for one in ended])
            assert before.read_until <= after.read_until <= _reached([one[:2] for one in ended if one[2]])
            assert after.read_until <= after.listed_until
        trial.rollback()


def _look(tx: Tx, since: float, until: float, *, is_deep: bool = False) -> Marks:
    reconciles.ask(tx, SLUG, later(since), why="asked", by="", now=later(until), is_deep=is_deep)
    taken = reconciles.take(tx, later(until))
    assert taken is not None
    assert marks.of(tx, SLUG).listed_until < later(until), "it is not at its end yet"
    reconciles.finish(tx, taken, later(until + 5))
    return marks.of(tx, SLUG)


def test_a_look_that_comes_to_its_end_moves_the_mark_to_when_it_was_asked_for(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        assert marks.of(tx, SLUG) == Marks(NOON, NOON)
        assert _look(tx, 0, 10) == Marks(later(10), NOON)
        assert _look(tx, -5, 20, is_deep=True) == Marks(later(20), later(20))
        assert _look(tx, 21, 30, is_deep=True) == Marks(later(20), later(20)), "a second was covered by none"
        assert _look(tx, 20, 40) == Marks(later(40), later(20))


def test_a_look_that_another_one_has_taken_over_moves_no_mark(db: Database) -> None:
    with db.write() as tx:
        an_account(tx)
        reconciles.ask(tx, SLUG, NOON, why="asked", by="", now=later(10))
        taken = reconciles.take(tx, later(10))
        assert taken is not None
        reconciles.ask(tx, SLUG, later(15), why="asked", by="", now=later(20))
        reconciles.put_off(tx, taken, "Away.", later(30))
        assert marks.of(tx, SLUG) == Marks(NOON, NOON)
        other = reconciles.take(tx, later(30))
        assert other is not None
        reconciles.finish(tx, other, later(40))
        reconciles.finish(tx, taken, later(40))
        assert marks.of(tx, SLUG) == Marks(later(20), NOON)
