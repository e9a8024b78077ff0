"""Finding what nobody was woken for: lost workers, due rows, hooks that overtook their link, accounts to be asked again, and what
nobody came back for.
"""

from __future__ import annotations

from syncd import process
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.reasons import Reason
from syncd.flow.catchup import restoring
from syncd.flow.orders import two_way
from syncd.flow.orders.observing import decide_anew
from syncd.store import arrivals, holds, lanes, lost, overtaken
from syncd.store.database import Database

from . import accounts, unanswered
from .book import Book
from .crew import Limits
from .settle import take_over
from .turn import Turn


def sweep(db: Database, connections: Connections, clock: Clock, limits: Limits) -> list[int]:
    """The shards that have something to do."""
    with db.write() as tx:
        turn = Turn(tx, db.now(tx), Book.open(tx, connections), limits.overtaking, limits.most)
        gone = {one for one in lost.makers(tx) if process.is_gone(one)}
        take_over(turn, lost.attempts(tx, turn.now, gone), gone)
        turn.shards.update(overtaken.replan_linked(tx, turn.now, turn.overtaking))
        turn.shards.update(holds.let_go_of_connected(tx, Reason.DISCONNECTED, turn.now))
        turn.shards.update(holds.let_go_of_resumed(tx, Reason.PAUSED))
        turn.shards.update(holds.let_go_of_written(tx, Reason.ASKED_BEFORE))
        turn.shards.update(accounts.let_go_of_hooks(tx, turn.book.integrations.values(), turn.now))
        turn.shards.update(restoring.go_on(tx, turn.book.integrations.values(), turn.now))
        unanswered.give_up(tx, turn.now)
        turn.shards.update(arrivals.due_shards(tx, turn.now))
        turn.shards.update(lanes.due_shards(tx, turn.now))
        turn.write()
    anew = [*decide_anew(db, connections, limits), *two_way.carry_on(db, connections, limits)]
    return sorted({*turn.shards, *turn.lanes, *anew, *accounts.probe(db, connections, clock)})
