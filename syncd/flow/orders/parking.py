"""A person puts aside what was refused for good, or what will not come to anything; a replay takes it up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from syncd.core.changes import Side
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ErrandState
from syncd.core.link import Link, LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.errors import Conflict, NotFound
from syncd.flow import rows
from syncd.store import deliveries, links
from syncd.store import replay as store
from syncd.store.database import Database, Tx
from syncd.store.errands import LYING, StoredErrand
from syncd.store.links import StoredLink
from syncd.store.replay import Dealt

log = structlog.get_logger(__name__)

_LOOK_FIRST = (
    " (It may have been opened already, so it is looked for once more: linked if it is there, and not opened.)"
)
_MUST_NOT = {
    ErrandState.SENDING: "is being tried at this very moment; park it in a few seconds",
    ErrandState.DELIVERED: "was done; there is nothing to put aside",
    ErrandState.WITHDRAWN: "came to nothing by itself; there is nothing to put aside",
}


def park(db: Database, ids: Sequence[int], *, by: str, why: str) -> int:
    """All of them or none, each with a row; how many changes that were. What is parked already stays as it is."""
    with db.write() as tx:
        found = {number: _errand_of(tx, number) for number in sorted(set(ids))}
        locked = links.lock_many(tx, sorted({one.stored.link_id for one in found.values()}))
        parked = sum(
            _park(db, tx, number, one.stored.id, locked, f"Parked by {by}: {why}") for number, one in found.items()
        )
    log.info("deliveries.parked", by=by, why=why, parked=parked)
    return parked


def _errand_of(tx: Tx, number: int) -> store.Ended:
    row = deliveries.get(tx, number)
    if row is None:
        raise NotFound(f"There is no delivery {number}; see `syncd deliveries list`.")
    ended = None if row["errand_id"] is None else store.find(tx, row["errand_id"])
    if ended is None:
        raise Conflict(f"Delivery {number} is of no change that could be put aside: nothing was to be sent for it.")
    return ended


def _park(db: Database, tx: Tx, number: int, errand_id: int, locked: dict[int, StoredLink], why: str) -> int:
    """`number` is the delivery's, by which a person named the change."""
    ended = store.find(tx, errand_id)  # As it is now that its link is locked.
    if ended is None or (ended.dealt_with and not _was_only_told(ended)):
        return 0
    if ended.state in _MUST_NOT and not _was_only_told(ended):
        raise Conflict(f"The change of delivery {number} {_MUST_NOT[ended.state]}.")
    stored, link = ended.stored, locked[ended.stored.link_id]
    if _may_stand(ended):
        return _look_only(db, tx, stored, link, why)
    aside = [stored]
    if stored.errand.kind is ErrandKind.OPEN:
        aside += [one for one in store.lying(tx, link.id, Side.INCIDENT) if one.id != stored.id]
    store.deal_with(tx, [one.id for one in aside], Dealt.PARKED)
    after = links.save(tx, link, _without(link.link, aside))
    locked[link.id] = after
    if after.link.state is LinkState.ENDED:
        links.explain(tx, link.id, why)
    parked = rows.Ended(Outcome.PARKED, Reason.PARKED, why)
    deliveries.record_many(tx, [rows.of_errand(one, after, db.now(tx), parked) for one in aside])
    return len(aside)


def _was_only_told(ended: store.Ended) -> bool:
    """An opening that was observed: its case goes on without an incident until a person says that none is wanted."""
    is_observed = ended.dealt_with in {Dealt.OBSERVED, Dealt.LEFT}
    return ended.stored.errand.kind is ErrandKind.OPEN and ended.state is ErrandState.WITHDRAWN and is_observed


def _may_stand(ended: store.Ended) -> bool:
    """An opening that nobody has an answer to yet, and that would page people without anybody here knowing of it."""
    return ended.stored.errand.kind is ErrandKind.OPEN and ended.stored.errand.is_doubtful and ended.state in LYING


def _look_only(db: Database, tx: Tx, stored: StoredErrand, link: StoredLink, why: str) -> int:
    """What waits behind it shares its fate: it goes to the incident that is found, or is put aside as well."""
    store.put_aside(tx, stored.id)
    links.explain(tx, link.id, why)
    parked = rows.Ended(Outcome.PARKED, Reason.PARKED, f"{why}{_LOOK_FIRST}")
    deliveries.record_many(tx, [rows.of_errand(stored, link, db.now(tx), parked)])
    return 1


def _without(link: Link, aside: Sequence[StoredErrand]) -> Link:
    """Nothing is wished for that nobody is going to send, and no incident waits to be opened."""
    for one in aside:
        if one.errand.kind in FIELD_OF_WISH:
            link = link.no_longer_want(one.errand.side, FIELD_OF_WISH[one.errand.kind])
        elif one.errand.kind is ErrandKind.OPEN:
            link = replace(link, state=LinkState.ENDED)
    return link
