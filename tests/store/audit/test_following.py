"""Following: whatever is committed is shown once, in whatever order its writers end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy import delete, select
from sqlalchemy.engine import Connection, RootTransaction

from syncd.core.query.reading import read
from syncd.errors import Misconfigured
from syncd.store import deliveries
from syncd.store.audit import following
from syncd.store.audit.following import MOST_GAPS, NUMBERED_WITHIN, Gap, Place, begin, look, place
from syncd.store.database import Database
from syncd.store.tables import deliveries as table

from .rows import NOW, ROWS, fill

_LATER = NOW + timedelta(hours=1)


@dataclass
class Follower:
    db: Database
    query: str = ""
    limit: int = 500
    now: datetime = NOW
    shown: list[int] = field(default_factory=list)
    at: Place = field(default_factory=lambda: Place(0))

    def begins(self, since: datetime | None = None) -> Follower:
        with self.db.read() as tx:
            self.at = begin(tx, self.now, since)
        return self

    def looks(self) -> list[int]:
        """Its place goes by the word that an address carries. All there is by now."""
        found: list[int] = []
        is_more = True
        while is_more:
            with self.db.read() as tx:
                seen = look(tx, place(str(self.at)), read(self.query), self.now, limit=self.limit)
            self.at, is_more = seen.next, seen.is_more
            found += [row["id"] for row in seen.rows]
        self.shown += found
        return found


def _write(tx: Connection, number: int = 1, now: datetime = NOW, outcome: int = 0) -> None:
    deliveries.record_many(tx, [replace(ROWS[outcome], recorded_at=now)] * number)


def _ids(db: Database) -> list[int]:
    with db.read() as tx:
        return list(tx.scalars(select(table.c.id).order_by(table.c.id)))


def test_from_now_on_or_from_earlier(db: Database) -> None:
    fill(db)
    live, earlier, words = (
        Follower(db).begins(),
        Follower(db).begins(NOW - timedelta(days=1)),
        Follower(db, "outcome:applied").begins(NOW - timedelta(days=90)),
    )
    assert (live.looks(), earlier.looks(), words.looks()) == ([], [4, 5, 6], [1, 2])
    with db.write() as tx:
        _write(tx)
        _write(tx, outcome=2)
    assert (live.looks(), earlier.looks(), words.looks()) == ([7, 8], [7, 8], [7])
    assert (live.looks(), earlier.looks(), words.looks()) == ([], [], [])


def test_only_the_accounts_of_whoever_asks(db: Database) -> None:
    fill(db)
    with db.read() as tx:
        seen = look(tx, Place(0), read(""), NOW, limit=500, within=["other"])
    assert [row["id"] for row in seen.rows] == [3, 4]


def test_what_is_more_than_a_look_shows_comes_with_the_next(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "MOST_LOOKED_AT", 7)
    with db.write() as tx:
        for outcome in (0, 2) * 10:
            _write(tx, outcome=outcome)
    everything = Follower(db, limit=3)
    assert everything.looks() == _ids(db)
    assert Follower(db, "outcome:failed", limit=2).looks() == _ids(db)[1::2]


def test_where_everything_was_pruned_it_goes_on(db: Database) -> None:
    fill(db)
    one = Follower(db).begins()
    with db.write() as tx:
        tx.execute(delete(table))
    assert one.looks() == []
    with db.write() as tx:
        _write(tx, 2)
    assert one.looks() == _ids(db)


@pytest.mark.parametrize("token", ["", "x", "1_2", "1_2-3", "-1", "1_2-3-4-" + "9" * 18, "1" * 19, "\u0661"])
def test_what_is_no_place_is_refused(token: str) -> None:
    with pytest.raises(Misconfigured, match="after="):
        place(token)


def test_a_place_is_a_word_and_back() -> None:
    it = Place(4711, (Gap(12, 14, 99, NOW), Gap(20, 20, 101, _LATER)))
    assert place(str(it)) == it


@dataclass
class Writers:
    """Several that are under way at once, as PostgreSQL has them."""

    db: Database
    open: list[tuple[Connection, RootTransaction]] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def begins(self, rows: int) -> None:
        tx = self.stack.enter_context(self.db.engine.connect())
        self.open.append((tx, tx.begin()))
        _write(tx, rows)

    def ends(self, which: int, *, is_kept: bool) -> None:
        tx, whole = self.open.pop(which % len(self.open))
        whole.commit() if is_kept else whole.rollback()
        tx.close()


@pytest.fixture
def server(migrated_server: Database) -> Iterator[Database]:
    with migrated_server.write() as tx:
        tx.execute(delete(table))
    several = Database(migrated_server.url.render_as_string(hide_password=False), migrated_server.clock, pool_size=9)
    yield several
    several.close()


def test_a_lower_number_that_is_committed_later_is_shown_too(server: Database) -> None:
    writers, live = Writers(server), Follower(server).begins()
    writers.begins(2)
    late = Follower(server).begins()
    writers.begins(1)
    writers.ends(1, is_kept=True)
    third = _ids(server)
    assert (live.looks(), late.looks()) == (third, third)
    writers.ends(0, is_kept=True)
    first = _ids(server)[:2]
    assert (live.looks(), late.looks()) == (first, first), "late began while it was being written"
    assert (live.looks(), late.looks()) == ([], [])


def test_it_waits_for_a_number_no_longer_than_for_its_writer(server: Database) -> None:
    writers, live = Writers(server), Follower(server).begins()
    writers.begins(1)
    writers.begins(1)
    writers.ends(1, is_kept=True)
    live.looks()
    live.now += 10 * NUMBERED_WITHIN
    live.looks()
    assert len(live.at.gaps) == 1, "its writer is still at work, however long that takes"
    writers.ends(0, is_kept=False)
    live.looks()
    assert not live.at.gaps


def test_a_late_one_of_many_rows_comes_in_parts(server: Database) -> None:
    writers, live = Writers(server), Follower(server, limit=3).begins()
    writers.begins(10)
    writers.begins(1)
    writers.ends(1, is_kept=True)
    assert len(live.looks()) == 1
    writers.ends(0, is_kept=True)
    assert live.looks() == _ids(server)[:10]


def test_what_was_taken_back_long_ago_is_not_waited_for(server: Database) -> None:
    writers = Writers(server)
    for is_kept in (True, False) * 3:
        writers.begins(1)
        writers.ends(0, is_kept=is_kept)
    late = Follower(server, now=_LATER).begins(NOW - timedelta(days=1))
    assert late.looks() == _ids(server)
    assert not late.at.gaps


def test_with_too_many_gaps_it_waits_and_loses_nothing(server: Database) -> None:
    writers, live = Writers(server), Follower(server).begins()
    writers.begins(1)
    for is_kept in (False, True) * (MOST_GAPS + 20):
        writers.begins(1)
        writers.ends(1, is_kept=is_kept)
    live.looks()
    assert 0 < len(live.shown) < MOST_GAPS + 20
    writers.ends(0, is_kept=True)
    live.now += 2 * NUMBERED_WITHIN
    while live.looks():
        live.now += 2 * NUMBERED_WITHIN
    assert sorted(live.shown) == _ids(server)
    assert len(set(live.shown)) == len(live.shown)


_STEPS = some.lists(
    some.tuples(some.just("begin"), some.integers(1, 3))
    | some.tuples(some.sampled_from(["commit", "take back"]), some.integers(0, 5))
    | some.tuples(some.sampled_from(["look", "time"]), some.just(0)),
    max_size=30,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=_STEPS, limit=some.integers(1, 4), query=some.sampled_from(["", "outcome:applied"]))
def test_whatever_is_committed_is_shown_once(
    server: Database, steps: Sequence[tuple[str, int]], limit: int, query: str
) -> None:
    there = _ids(server)
    writers, live = Writers(server), Follower(server, query, limit).begins()
    for what, number in steps:
        if what == "begin" and len(writers.open) < 6:
            writers.begins(number)
        elif what in {"commit", "take back"} and writers.open:
            writers.ends(number, is_kept=what == "commit")
        elif what == "look":
            live.looks()
        elif what == "time":
            live.now += NUMBERED_WITHIN
    while writers.open:
        writers.ends(0, is_kept=True)
    live.looks()
    assert sorted(live.shown) == [one for one in _ids(server) if one not in there]
