"""A person switches two-way sync of an account off and on. While it is off what happens there is known and changes no case;
once it is on again, what was left is decided anew, from what both sides say by then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from syncd.connections.open import Connections
from syncd.core.again import again
from syncd.core.changes import Actor, Side, Verb
from syncd.core.connection import Kind
from syncd.core.errand import Errand, ErrandKind
from syncd.core.link import LinkState
from syncd.errors import Conflict, Misconfigured, NotFound
from syncd.flow.book import Book
from syncd.flow.crew import Limits
from syncd.flow.turn import Origin, Turn
from syncd.store import connection_log, integrations, reconciles, untold
from syncd.store.database import Database, Tx
from syncd.store.integrations import Integration
from syncd.store.untold import Untold

log = structlog.get_logger(__name__)
WHY = "two_way"
_LAST_TURNS = timedelta(seconds=10)  # turns that still believed it off have ended by then
_AT_ONCE = 100
_KIND = {
    **dict.fromkeys((Verb.ACKNOWLEDGE, Verb.RESOLVE, Verb.REOPEN, Verb.UNACKNOWLEDGE), ErrandKind.STATUS),
    Verb.PRIORITISE: ErrandKind.PRIORITY,
}


def switch(db: Database, slug: str, *, is_on: bool, by: str) -> bool:
    """Whether it changed anything."""
    with db.write() as tx:
        there = integrations.lock(tx, slug)
        if there is None:
            raise NotFound(f"There is no integration called {slug}; `syncd integrations list` shows those there are.")
        if there.side is not Side.INCIDENT:
            raise Conflict(
                f"{slug} keeps cases, and two-way sync is switched for the account that keeps the incidents."
            )
        if there.is_two_way is is_on:
            return False
        now = db.now(tx)
        # What an earlier time of it has left is still to be decided, so that time goes on.
        since = there.one_way_since or (there.created_at if is_on else None) or now
        integrations.sync_ways(tx, slug, one_way_since=since, two_way_since=now if is_on else None)
        detail = f"Two-way sync was switched {'on' if is_on else 'off'}."
        connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=detail)
    log.info("integration.two_way", integration=slug, by=by, is_on=is_on)
    return True


def carry_on(db: Database, connections: Connections, limits: Limits) -> list[int]:
    """Some of what was left, of accounts that were switched on. The shards that have something to do."""
    with db.read() as tx:  # Mostly there is nothing, and then nobody waits for the database's one writer.
        now = db.now(tx)
        due = [one for one in integrations.all_of(tx).values() if _is_due(one, now)]
    return sorted({shard for one in due for shard in _of_account(db, connections, limits, one)})


def _is_due(one: Integration, now: datetime) -> bool:
    return one.two_way_since is not None and now >= one.two_way_since + _LAST_TURNS


def _of_account(db: Database, connections: Connections, limits: Limits, left: Integration) -> set[int]:
    try:
        with db.write() as tx:
            turn = Turn(tx, db.now(tx), Book.open(tx, connections), limits.overtaking, limits.most)
            _decide(turn, left)
            turn.write()
    except Misconfigured as error:
        log.warning("two_way.put_off", integration=left.slug, why=str(error))
        return set()
    return turn.shards | turn.lanes


def _decide(turn: Turn, left: Integration) -> None:
    """Links first, then their account, as every turn takes them."""
    since = left.one_way_since or turn.now
    ids = untold.links_of(turn.tx, left.slug, since, after=left.two_way_decided, limit=_AT_ONCE)
    turn.hold(ids)
    there = integrations.lock(turn.tx, left.slug)
    if there is None or _spell(there) != _spell(left):
        return  # Another worker has done it, or it was switched off again.
    told = untold.latest(turn.tx, left.slug, since, ids)
    last_of_each_field = {(one.link_id, _KIND.get(Verb(one.change))): one for one in told}
    for one in last_of_each_field.values():
        _decide_one(turn, one)
    if len(ids) == _AT_ONCE:
        integrations.decided_up_to(turn.tx, left.slug, ids[-1])
    else:
        _end(turn.tx, left.slug, since, turn.now)


def _spell(one: Integration) -> tuple[object, ...]:
    """Which time of one way it is, and how far what it left is decided."""
    return one.one_way_since, one.two_way_since, one.two_way_decided


def _decide_one(turn: Turn, one: Untold) -> None:
    kind, link = _KIND.get(Verb(one.change)), turn.link(one.link_id)
    if kind is None or link.link.state is not LinkState.OPEN:
        return
    errand = Errand("", str(link.id), Side.CASE, kind, Verb(one.change), 0)
    decision = again(link.link, errand, Actor(one.actor), turn.book.rules(link.link), one.recorded_at)
    after = turn.save(link, decision.link)
    turn.add(after, decision.drafts, Origin(one.arrival_id))


def _end(tx: Tx, slug: str, since: datetime, now: datetime) -> None:
    """Comments are read once more, of links that are not over: they count as never heard."""
    integrations.in_step(tx, slug)
    untold.forget_notes(tx, slug, since)
    reconciles.ask(tx, slug, since, why=WHY, by="", now=now, is_deep=True)
    log.info("integration.in_step", integration=slug, one_way_since=since.isoformat())
