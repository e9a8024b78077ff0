"""Signs of life: who is long gone is forgotten, and the last of each part is not."""

from __future__ import annotations

from datetime import timedelta

from syncd.store import heartbeats
from syncd.store.database import Database
from tests.store.ledger import NOON

LATER = NOON + heartbeats.KEPT + timedelta(seconds=1)


def _known(db: Database) -> list[tuple[str, str]]:
    with db.read() as tx:
        return [(one.part, one.instance) for one in heartbeats.latest(tx)]


def test_of_each_part_the_youngest_sign_of_life_is_kept_and_older_ones_go_after_a_day(db: Database) -> None:
    with db.write() as tx:
        heartbeats.beat(tx, "receiver", "a:1", NOON - timedelta(seconds=1))
        heartbeats.beat(tx, "receiver", "a:2", NOON)
        heartbeats.beat(tx, "worker", "b:1", NOON)
        heartbeats.beat(tx, "worker", "b:2", LATER)
    assert _known(db) == [("receiver", "a:2"), ("worker", "b:2")]


def test_who_was_seen_within_a_day_is_kept_beside_the_youngest(db: Database) -> None:
    with db.write() as tx:
        heartbeats.beat(tx, "worker", "a:1", NOON)
        heartbeats.beat(tx, "worker", "a:2", NOON + heartbeats.KEPT)
    assert _known(db) == [("worker", "a:1"), ("worker", "a:2")]
