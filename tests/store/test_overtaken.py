"""Hooks that came before their link: found by it once it is there, and only while they are young."""

from __future__ import annotations

from datetime import timedelta

from syncd.core.link import LinkState
from syncd.store import arrivals, overtaken
from syncd.store.database import Database, Tx
from tests.store.ledger import NOON, SHARD, a_link, heard, hook, later

TEN_MINUTES = timedelta(minutes=10)


def _due(tx: Tx, seconds: float = 0) -> list[int]:
    return [one.id for one in arrivals.due(tx, [SHARD], later(seconds), 100)]


def test_replan_is_for_young_unlinked_hooks_of_that_record(db: Database) -> None:
    with db.write() as tx:
        young, old, other, linked = heard(tx, hook("a"), hook("b", at=later(-601)), hook("c", record="I-2"), hook("d"))
        arrivals.unlinked(tx, [young, old, other])
        arrivals.planned(tx, [linked])
        assert overtaken.replan(tx, "pagerduty", "I-1", NOON, TEN_MINUTES) == [SHARD]
        assert _due(tx) == [young]
        assert overtaken.replan(tx, "pagerduty", "I-1", NOON, TEN_MINUTES) == []


def test_overtaken_hooks_are_found_by_either_side_of_a_link(db: Database) -> None:
    with db.write() as tx:
        of_incident, of_case, of_nobody, old = heard(
            tx,
            hook("a"),
            hook("b", source="cases", record="C-1", at=later(1)),
            hook("c", record="I-7"),
            hook("d", at=later(-601)),
        )
        arrivals.unlinked(tx, [of_incident, of_case, of_nobody, old])
        assert overtaken.replan_linked(tx, NOON, TEN_MINUTES) == []
        a_link(tx, 1)
        a_link(tx, 2, state=LinkState.OPENING)
        assert overtaken.replan_linked(tx, NOON, TEN_MINUTES) == [SHARD]
        assert _due(tx, 1) == [of_incident, of_case]
