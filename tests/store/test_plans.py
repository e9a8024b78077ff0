"""The statements of every turn go by their index: SQLite reads the whole table as soon as a condition is worded otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, insert

from syncd.clock import Clock
from syncd.core.changes import Side, Verb
from syncd.core.errand import Errand, ErrandKind
from syncd.store import (
    actions,
    arrivals,
    deliveries,
    errands,
    gaps,
    holds,
    inflow,
    lanes,
    links,
    loops,
    lost,
    observed,
    outcomes,
    overtaken,
    polled,
    reconciles,
    replay,
    retention,
    untold,
)
from syncd.store.actions import Asked
from syncd.store.database import Database, Tx
from syncd.store.errands import StoredErrand
from syncd.store.retention import Kept, Place
from syncd.store.tables import deliveries as deliveries_table
from tests.store.ledger import NOON, later

OLD = Place(later(-1000), 7)
WISH = Errand("7", "1", Side.CASE, ErrandKind.RESOLUTION_NOTE, Verb.RESOLUTION_NOTE, 1)
Statement = Callable[[Tx], object]

HOT: dict[str, Statement] = {
    "arrivals.due": lambda tx: arrivals.due(tx, [3, 5], NOON, 64),
    "arrivals.due_shards": lambda tx: arrivals.due_shards(tx, NOON),
    "arrivals.claim": lambda tx: arrivals.claim(tx, [1, 2]),
    "overtaken.replan": lambda tx: overtaken.replan(tx, "a", "b", NOON, timedelta(minutes=10)),
    "overtaken.replan_linked": lambda tx: overtaken.replan_linked(tx, NOON, timedelta(minutes=10)),
    "deliveries.rejected": lambda tx: deliveries.rejected(tx, NOON),
    "deliveries.first_rejected": lambda tx: deliveries.first_rejected(tx, "pagerduty", NOON),
    "gaps.unread": gaps.unread,
    "inflow.count_waiting": inflow.count_waiting,
    "inflow.is_any_new": lambda tx: inflow.is_any_new(tx, "pagerduty", "I-1"),
    "inflow.held_by_source": inflow.held_by_source,
    "inflow.oldest_new": inflow.oldest_new,
    "lanes.due_links": lambda tx: lanes.due_links(tx, [3, 5], NOON, 8),
    "lanes.due_of_links": lambda tx: lanes.due_of_links(tx, [1, 2], NOON),
    "lanes.due_shards": lambda tx: lanes.due_shards(tx, NOON),
    "lanes.next_due": lambda tx: lanes.next_due(tx, NOON, later(3)),
    "errands.oldest": lambda tx: errands.oldest(tx, errands.ON_ITS_WAY),
    "errands.under_way": lambda tx: errands.under_way(tx, ["a", "b"]),
    "lost.makers": lost.makers,
    "lost.attempts": lambda tx: lost.attempts(tx, NOON),
    "lost.attempts, of some who are gone": lambda tx: lost.attempts(tx, NOON, {"m1", "m2"}),
    "errands.notes_in_flight": lambda tx: errands.notes_in_flight(tx, 1, Side.CASE),
    "errands.waiting_wish": lambda tx: errands._waiting_wish(tx, 1, Side.CASE, ErrandKind.STATUS),
    "holds.holds_lane": lambda tx: holds.holds_lane(tx, 1, Side.CASE, "asked_before"),
    "holds.let_go_of_written": lambda tx: holds.let_go_of_written(tx, "asked_before"),
    "holds.let_go_of_connected": lambda tx: holds.let_go_of_connected(tx, "disconnected", NOON),
    "holds.let_go_of_resumed": lambda tx: holds.let_go_of_resumed(tx, "paused"),
    "holds.hasten_unbegun": lambda tx: holds.hasten_unbegun(tx, 1, Side.CASE, NOON, NOON),
    "holds.let_go_of_read": lambda tx: holds.let_go_of_read(tx, "restored"),
    "loops.made": lambda tx: loops.made(tx, [1, 2], NOON),
    "observed.pairs": lambda tx: observed.pairs(tx, ["pagerduty"]),
    "observed.left": lambda tx: observed.left(tx, ("cases", "pagerduty"), ["other"], 100),
    "outcomes.of_link": lambda tx: outcomes.of_link(tx, 1),
    "outcomes.of_errand": lambda tx: outcomes.of_errand(tx, 1, 7),
    "replay.count_undone": replay.count_undone,
    "replay.is_told": lambda tx: replay.is_told(
        tx, StoredErrand(7, 1, WISH, "", None, 3, None, None, "", "", None, ()), "a note"
    ),
    "retention.page of bodies": lambda tx: retention.page(tx, Kept.BODIES, NOON, OLD, 500),
    "retention.page of hooks": lambda tx: retention.page(tx, Kept.HOOKS, NOON, OLD, 500),
    "retention.page of deliveries": lambda tx: retention.page(tx, Kept.DELIVERIES, NOON, OLD, 500),
    "retention.page of notices": lambda tx: retention.page(tx, Kept.NOTICES, NOON, OLD, 500),
    "retention.bodies": lambda tx: retention.throw_away(tx, Kept.BODIES, [1, 2, 3], NOON, NOON),
    "retention.hooks": lambda tx: retention.throw_away(tx, Kept.HOOKS, [1, 2, 3], NOON, NOON),
    "retention.deliveries": lambda tx: retention.throw_away(tx, Kept.DELIVERIES, [1, 2, 3], NOON, NOON),
    "retention.page of actions": lambda tx: retention.page(tx, Kept.ACTIONS, NOON, OLD, 500),
    "retention.actions": lambda tx: retention.throw_away(tx, Kept.ACTIONS, [1, 2, 3], NOON, NOON),
    "actions of one": lambda tx: actions.listing(tx, Asked(who="Ana"), before=7),
    "retention.errands": lambda tx: retention._errands(tx, [1, 2, 3]),
    "retention.oldest": lambda tx: retention.oldest(tx, Kept.BODIES),
    "retention.count_older": lambda tx: retention.count_older(tx, Kept.HOOKS, NOON),
    "reconciles.unbegun": lambda tx: reconciles.unbegun(tx, "pagerduty", ["I-1", "I-2"], NOON),
    "polled.of_links": lambda tx: polled.of_links(tx, "pagerduty", [1, 2]),
    "polled.forget": lambda tx: polled.forget(tx, "pagerduty", NOON),
    "untold.links_of": lambda tx: untold.links_of(tx, "pagerduty", NOON, after=7, limit=100),
    "untold.latest": lambda tx: untold.latest(tx, "pagerduty", NOON, [1, 2]),
    "untold.forget_notes": lambda tx: tx.execute(untold._forgotten("pagerduty", NOON, [1, 2])),
    "links.find": lambda tx: links.find(tx, "pagerduty", Side.INCIDENT, "I-1"),
    "links.ids_of": lambda tx: links.ids_of(tx, Side.CASE, [("cases", "C-1"), ("cases", "C-2")]),
    "links.lock_many": lambda tx: links.lock_many(tx, [1, 2]),
}


@pytest.fixture
def file(migrated_file: Path) -> Iterator[Database]:
    db = Database(f"sqlite:///{migrated_file}", Clock())
    yield db
    db.close()


@pytest.mark.parametrize("name", HOT)
def test_it_reads_no_whole_table(file: Database, name: str) -> None:
    sent: list[tuple[str, object]] = []
    event.listen(file.engine, "before_cursor_execute", lambda *args: sent.append((args[2], args[3])))
    with file.read() as tx:
        HOT[name](tx)
        statement, values = sent[-1]
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]  # type: ignore[arg-type]  # As the driver had them.
    assert plan
    assert [step for step in plan if step.startswith("SCAN") and "USING" not in step] == []


#: Those that would otherwise go by an index of all rows of a link, or read all that an account ever did.
BY_THEIR_OWN = {
    "untold.links_of": "ix_notification_deliveries_untold",
    "untold.latest": "ix_notification_deliveries_untold",
    "untold.forget_notes": "ix_notification_deliveries_untold",
}


@pytest.fixture
def well_used(db: Database) -> Database:
    """An account with many rows, of which few tell what was left."""
    row = {"recorded_at": later(1), "direction": "inbound", "change": "acknowledge", "outcome": "ignored"}
    rows = [
        {**row, "integration": "pagerduty", "link_id": one % 50, "reason": "echo" if one % 100 else "sync_off"}
        for one in range(4000)
    ]
    with db.write() as tx:
        tx.execute(insert(deliveries_table), rows)
        tx.exec_driver_sql("ANALYZE")
    return db


@pytest.mark.parametrize("name", BY_THEIR_OWN)
def test_it_goes_by_an_index_of_its_own_on_both_databases(well_used: Database, name: str) -> None:
    sent: list[tuple[str, object]] = []
    event.listen(well_used.engine, "before_cursor_execute", lambda *args: sent.append((args[2], args[3])))
    with well_used.write() as tx:
        HOT[name](tx)
        statement, values = sent[-1]
        explain = "EXPLAIN QUERY PLAN" if well_used.is_sqlite else "EXPLAIN"
        plan = str(tx.exec_driver_sql(f"{explain} {statement}", values).all())  # type: ignore[arg-type]  # As the driver had them.
    assert BY_THEIR_OWN[name] in plan


def test_a_condition_worded_otherwise_would_be_seen(file: Database) -> None:
    with file.read() as tx:
        statement = "EXPLAIN QUERY PLAN SELECT * FROM errands WHERE link_id = 3 AND state IN (?, ?, ?)"
        assert [row[3] for row in tx.exec_driver_sql(statement, ("waiting", "sending", "held"))] == ["SCAN errands"]
