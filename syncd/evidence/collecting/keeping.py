"""What a collecting came to is written down: incidents in batches, the rest together with its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from syncd.evidence.facts.dataset import Missing, Name
from syncd.evidence.facts.services import ACTIVE, Service
from syncd.evidence.facts.sight import hidden_as_seen
from syncd.evidence.facts.users import User
from syncd.evidence.findings.users import INVITED
from syncd.evidence.spans import union
from syncd.store.database import Database, Tx
from syncd.store.evidence import collections, incidents, seen
from syncd.store.evidence.collections import Collection, Outcome

from . import shrinking
from .courses.known import Known
from .courses.request import Gathered
from .left_over import found_of, pairs_of, spans_of

_BATCH = 500  # incidents; a writer of SQLite waits for one batch at most
_IS_USUAL = "usual"  # of a state that nothing is asked about


def keep(db: Database, taken: Collection, gathered: Gathered[Any], renewed: Callable[[Tx], Collection]) -> None:
    """`renewed`: the collecting is still his, in this transaction; it raises where it is not."""
    rows = list(_sure(taken, gathered)) if taken.dataset == Name.INCIDENTS else []
    with db.read() as tx:
        gathered = replace(gathered, missing=(*gathered.missing, *shrinking.shrunk(tx, taken, gathered)))
    at = taken.begun_at
    if at is None:
        message = "a collecting that was never begun has come to an end"
        raise AssertionError(message)
    for start in range(0, len(rows), _BATCH):
        with db.write() as tx:
            renewed(tx)
            some = [found_of(one, at) for one in rows[start : start + _BATCH]]
            incidents.put(tx, taken.integration, taken.id, some)
    with db.write() as tx:
        mine = renewed(tx)
        states = dict(_states(gathered))
        if states:
            seen.note(tx, taken.integration, states, at)
        collections.finish(tx, mine, _outcome(tx, mine, gathered), db.now(tx))


def _sure(taken: Collection, gathered: Gathered[Any]) -> Iterator[Known]:
    """What a key that sees only some teams is not shown is not gone."""
    sees_all = hidden_as_seen(taken.sights) is None
    return (one for one in gathered.rows if isinstance(one, Known) and (sees_all or not one.is_gone))


def _outcome(tx: Tx, taken: Collection, gathered: Gathered[Any]) -> Outcome:
    """Of what has a time that time is added to what was known before."""
    last = collections.latest(tx, taken.integration, taken.dataset, taken.begun_at or taken.asked_at)
    earlier = spans_of(last.covers) if last is not None and taken.dataset in {Name.INCIDENTS, Name.AUDIT} else ()
    covers = union((*earlier, *gathered.covers))
    missing = [_missing(one) for one in gathered.missing]
    return Outcome(len(gathered.rows), pairs_of(covers), missing, gathered.how)


def _missing(one: Missing) -> dict[str, str]:
    return {"why": str(one.why), "part": one.part, "needs": one.needs}


def _states(gathered: Gathered[Any]) -> Iterator[tuple[str, str]]:
    """Since when something is so PagerDuty does not tell."""
    for row in gathered.rows:
        match row:
            case Service():
                yield row.id, _IS_USUAL if row.status in ACTIVE else row.status
            case User() if row.is_invited is not None:
                yield row.id, INVITED if row.is_invited else _IS_USUAL
            case _:
                pass
