"""An account that was only observed is written to again: what differs today is sent, and what is only news of then is not."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from syncd.connections.open import Connections
from syncd.core.changes import Verb
from syncd.core.errand import FIELD_OF_WISH, Draft, ErrandKind
from syncd.core.link import LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.errors import Misconfigured
from syncd.flow import rows
from syncd.flow.book import Book
from syncd.flow.crew import Limits
from syncd.flow.orders.anew import decided_anew, resolution_note_today
from syncd.flow.turn import Origin, Turn
from syncd.store import integrations, observed, replay
from syncd.store.database import Database
from syncd.store.errands import StoredErrand
from syncd.store.integrations import Integration
from syncd.store.observed import Pair
from syncd.store.replay import Dealt

log = structlog.get_logger(__name__)
_AT_ONCE = 100


def decide_anew(db: Database, connections: Connections, limits: Limits) -> list[int]:
    """Some of what was only observed, of accounts that are written to again. The shards that have something to do."""
    with db.read() as tx:  # Mostly there is nothing, and then nobody waits for the database's one writer.
        pairs = observed.pairs(tx, _still_observed(integrations.all_of(tx)))
    return sorted({shard for pair in pairs for shard in _decide_apart(db, connections, limits, pair)})


def _decide_apart(db: Database, connections: Connections, limits: Limits, pair: Pair) -> set[int]:
    """What a link's two accounts can do decides with the rest; one that cannot be opened keeps back its own links alone."""
    try:
        with db.write() as tx:
            turn = Turn(tx, db.now(tx), Book.open(tx, connections), limits.overtaking, limits.most)
            _decide(turn, pair)
            turn.write()
    except Misconfigured as error:
        log.warning("observing.put_off", accounts=pair, why=str(error))  # Its errands say so as well.
        return set()
    return turn.shards | turn.lanes


def _still_observed(accounts: Mapping[str, Integration]) -> list[str]:
    return sorted(slug for slug, one in accounts.items() if one.is_unwritten)


def _decide(turn: Turn, pair: Pair) -> None:
    left = observed.left(turn.tx, pair, _still_observed(turn.book.integrations), _AT_ONCE)
    free = set(turn.hold_free(sorted({one.link_id for one in left})))
    mine = [one for one in left if one.link_id in free]
    going = [one.id for one in mine if _decide_one(turn, one)]
    if mine:
        replay.deal_with(turn.tx, going, Dealt.REPLAYED)
        observed.leave(turn.tx, [one.id for one in mine])


def _decide_one(turn: Turn, stored: StoredErrand) -> bool:
    """Whether anything is sent. Words are not: nobody waits any more for those of that time, and a person can replay each. But
    the resolution note that still stands goes with its resolve.
    """
    link, errand = turn.link(stored.link_id), stored.errand
    if link.link.state is not LinkState.OPEN:
        return False
    origin = Origin(stored.arrival_id)
    if errand.kind is ErrandKind.LINK:
        turn.add(link, (Draft(errand.side, errand.kind, errand.change, errand.text),), origin)
        return True
    if errand.change is Verb.RESOLUTION_NOTE and errand.text == resolution_note_today(turn, link, stored):
        words = Draft(
            errand.side, errand.kind, errand.change, errand.text, errand.author, stored.by, stored.occurred_at
        )
        turn.add(link, (words,), origin)
        return True
    if errand.kind not in FIELD_OF_WISH:
        return False
    decision = decided_anew(turn, stored, link)
    after = turn.save(link, decision.link)
    turn.add(after, decision.drafts, origin)
    if not decision.drafts:
        outcome, reason = decision.outcome or Outcome.SUPPRESSED, decision.reason or Reason.NOT_NEEDED
        turn.say(rows.of_errand(stored, after, turn.now, rows.Ended(outcome, reason)))
    return bool(decision.drafts)
