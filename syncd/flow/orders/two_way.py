"""A person switches two-way sync of an account off and on. While it is off what happens there is known and changes no case;
once it is on again, what was left is decided anew, from what both sides say by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

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
_OFF_SINCE, _ON_SINCE, _DONE = "sync_off_since", "sync_on_since", "sync_done"  # in the settings of the account
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
        integrations.sync(tx, slug, _switched(there, now, is_on=is_on), is_two_way=is_on)
        detail = f"Two-way sync was switched {'on' if is_on else 'off'}."
        connection_log.add(tx, slug, Kind.UPDATED, now=now, by=by, detail=detail)
    log.info("integration.two_way", integration=slug, by=by, is_on=is_on)
    return True


def _switched(there: Integration, now: datetime, *, is_on: bool) -> Mapping[str, Any]:
    """What an earlier time of it has left is still to be decided, so that time goes on."""
    began = there.created_at or now if is_on else now
    kept = {name: value for name, value in there.settings.items() if name not in {_ON_SINCE, _DONE}}
    on_since = {_ON_SINCE: now.isoformat()} if is_on else {}
    return {_OFF_SINCE: began.isoformat(), **kept, **on_since}


@dataclass(frozen=True, slots=True)
class _Left:
    """What the time without two-way sync has left of one account."""

    slug: str
    off_since: datetime
    done: int  # links up to this one are decided

    @classmethod
    def of(cls, one: Integration) -> _Left:
        since = datetime.fromisoformat(one.settings[_OFF_SINCE])
        return cls(one.slug, since, int(one.settings.get(_DONE, 0)))


def carry_on(db: Database, connections: Connections, limits: Limits) -> list[int]:
    """Some of what was left, of accounts that were switched on. The shards that have something to do."""
    with db.read() as tx:  # Mostly there is nothing, and then nobody waits for the database's one writer.
        now = db.now(tx)
        due = [one for one in integrations.all_of(tx).values() if _is_due(one, now)]
    return sorted({shard for one in due for shard in _of_account(db, connections, limits, _Left.of(one))})


def _is_due(one: Integration, now: datetime) -> bool:
    since = one.settings.get(_ON_SINCE)
    return since is not None and now >= datetime.fromisoformat(since) + _LAST_TURNS


def _of_account(db: Database, connections: Connections, limits: Limits, left: _Left) -> set[int]:
    try:
        with db.write() as tx:
            turn = Turn(tx, db.now(tx), Book.open(tx, connections), limits.overtaking, limits.most)
            _decide(turn, left)
            turn.write()
    except Misconfigured as error:
        log.warning("two_way.put_off", integration=left.slug, why=str(error))
        return set()
    return turn.shards | turn.lanes


def _decide(turn: Turn, left: _Left) -> None:
    """Links first, then their account, as every turn takes them."""
    ids = untold.links_of(turn.tx, left.slug, left.off_since, after=left.done, limit=_AT_ONCE)
    turn.hold(ids)
    there = integrations.lock(turn.tx, left.slug)
    if there is None or _ON_SINCE not in there.settings or _Left.of(there) != left:
        return  # Another worker has done it, or it was switched off again.
    told = untold.latest(turn.tx, left.slug, left.off_since, ids)
    for one in {
        (one.link_id, _KIND.get(Verb(one.change))): one for one in told
    }.values():  # The last one of each field.
        _decide_one(turn, one)
    if len(ids) == _AT_ONCE:
        integrations.set_settings(turn.tx, left.slug, {**there.settings, _DONE: ids[-1]})
    else:
        _end(turn.tx, there, left, turn.now)


def _decide_one(turn: Turn, one: Untold) -> None:
    kind, link = _KIND.get(Verb(one.change)), turn.link(one.link_id)
    if kind is None or link.link.state is not LinkState.OPEN:
        return
    errand = Errand("", str(link.id), Side.CASE, kind, Verb(one.change), 0)
    decision = again(link.link, errand, Actor(one.actor), turn.book.rules(link.link), one.recorded_at)
    after = turn.save(link, decision.link)
    turn.add(after, decision.drafts, Origin(one.arrival_id))


def _end(tx: Tx, there: Integration, left: _Left, now: datetime) -> None:
    """Comments are read once more, of links that are not over: they count as never heard."""
    settled = {_OFF_SINCE, _ON_SINCE, _DONE}
    integrations.set_settings(tx, there.slug, {name: it for name, it in there.settings.items() if name not in settled})
    untold.forget_notes(tx, there.slug, left.off_since)
    reconciles.ask(tx, there.slug, left.off_since, why=WHY, by="", now=now, is_deep=True)
    log.info("integration.in_step", integration=there.slug, off_since=left.off_since.isoformat())
