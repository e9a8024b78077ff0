"""What is counted of a link's writes: news of the last minute, and what had to be written again."""

from __future__ import annotations

from datetime import datetime

from syncd.core.changes import Side, Verb
from syncd.core.errand import Draft, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.store import errands, loops
from syncd.store.database import Database, Tx
from syncd.store.errands import Finished, NewErrand
from syncd.store.links import StoredLink
from tests.store.ledger import NOON, a_link, later

OLD = later(-3600)


def _written(tx: Tx, link: StoredLink, kind: ErrandKind, hook: int | None, heard_at: datetime | None) -> None:
    draft = Draft(Side.INCIDENT, kind, Verb.NOTE)
    added = errands.add(tx, NewErrand(link.id, draft, link.shard, NOON, hook, heard_at))
    errands.finish(tx, [Finished(added.id, ErrandState.DELIVERED)])


def _counted(tx: Tx, link: StoredLink, kind: ErrandKind) -> int:
    return loops.made(tx, [link.id], later(-60)).get((link.id, Side.INCIDENT, kind), 0)


def test_of_an_old_hook_only_what_had_to_be_written_again_counts(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        for hook in (1, 1, 1, 2):
            _written(tx, link, ErrandKind.PRIORITY, hook, OLD)
        assert _counted(tx, link, ErrandKind.PRIORITY) == 2


def test_of_a_new_hook_every_write_of_a_field_counts(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        for hook in (1, 1, 2):
            _written(tx, link, ErrandKind.PRIORITY, hook, later(-59))
        _written(tx, link, ErrandKind.PRIORITY, 3, OLD)
        assert _counted(tx, link, ErrandKind.PRIORITY) == 3


def test_notes_that_one_hook_told_of_count_once_and_those_of_an_old_one_not_at_all(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        for hook in (1, 1, 1, 2):
            _written(tx, link, ErrandKind.NOTE, hook, later(-59))
        for _ in range(3):
            _written(tx, link, ErrandKind.NOTE, 3, OLD)
        assert _counted(tx, link, ErrandKind.NOTE) == 2


def test_what_came_of_no_hook_stands_for_itself(db: Database) -> None:
    with db.write() as tx:
        link = a_link(tx)
        for kind in (ErrandKind.NOTE, ErrandKind.PRIORITY):
            for _ in range(3):
                _written(tx, link, kind, None, None)
            assert _counted(tx, link, kind) == 3
