"""Looks at a record that no hook asked for: a thin hook of our own is taken in, and planned like any other."""

from __future__ import annotations

from datetime import datetime

from syncd.core.changes import Side
from syncd.core.shard import shard_of
from syncd.store import arrivals
from syncd.store.arrivals import NewArrival
from syncd.store.links import StoredLink

from .turn import Turn

_LOOK = "syncd.look"
_LATER = "syncd.look_later"


def ask(turn: Turn, link: StoredLink, side: Side) -> None:
    _take_in(turn, link, side, _LOOK)


def ask_later(turn: Turn, link: StoredLink, side: Side, at: datetime) -> None:
    """Not before then, and no write waits for it."""
    taken = _take_in(turn, link, side, _LATER)
    if taken is not None:
        arrivals.put_off(turn.tx, taken, at)


def _take_in(turn: Turn, link: StoredLink, side: Side, event_type: str) -> int | None:
    slug, ref = link.link.system(side), link.link.ref(side)
    body = turn.book.system(slug).thin_hook(ref)
    row = NewArrival(slug, None, event_type, ref, body, turn.now, shard_of(ref))  # That of its hooks.
    turn.shards.add(row.shard)
    return arrivals.add_many(turn.tx, [row])[0]


def asked_for(turn: Turn, link: StoredLink, side: Side) -> datetime | None:
    """When the next one is made, if there is to be one."""
    return arrivals.next_of(turn.tx, link.link.system(side), link.link.ref(side), _LOOK)
