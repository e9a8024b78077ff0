"""What a person asked for once more, and what a person dealt with: marks on errands and arrivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, or_, select, update

from syncd.core.changes import Side, Verb
from syncd.core.errand import FIELD_OF_WISH, ErrandKind
from syncd.core.lifecycle import ArrivalState, ErrandState

from .columns import says, says_one_of
from .database import Tx
from .deliveries import direction
from .errands import LIVE, LYING, PARKED, REPLAYED, StoredErrand, as_stored
from .tables import arrivals, deliveries, errands, links


class Dealt(StrEnum):
    """What a person did about one that ended undone; or that it was only observed, and is decided anew once that is over."""

    PARKED = PARKED
    REPLAYED = REPLAYED
    OBSERVED = "observed"
    LEFT = "left"  # it was only observed, and is for a person to replay


@dataclass(frozen=True, slots=True)
class Ended:
    """An errand with what became of it."""

    stored: StoredErrand
    state: ErrandState
    dealt_with: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One that was dealt with, as it came."""

    source: str
    event_type: str
    record: str
    body: bytes
    shard: int
    received_at: datetime
    body_pruned_at: datetime | None

    @property
    def days_of_body(self) -> int | None:
        """For how many days it was kept; None when it is here."""
        return None if self.body_pruned_at is None else (self.body_pruned_at - self.received_at).days


def find(tx: Tx, errand_id: int) -> Ended | None:
    row = tx.execute(select(errands).where(errands.c.id == errand_id)).one_or_none()
    return None if row is None else _ended(row)


def replaying(tx: Tx, delivery_ids: Sequence[int]) -> StoredErrand | None:
    """The newest that a replay of one of these deliveries has made."""
    mine = select(errands).where(errands.c.replay_of.in_(delivery_ids)).order_by(errands.c.id.desc()).limit(1)
    row = tx.execute(mine).one_or_none()
    return None if row is None else as_stored(row)


def deal_with(tx: Tx, errand_ids: Sequence[int], how: Dealt) -> None:
    """Under their link's row lock. What was still waiting ends by it."""
    may = says_one_of(errands.c.state, (*LYING, ErrandState.DEAD))
    dead = {"state": ErrandState.DEAD, "held_reason": "", "dealt_with": how}
    tx.execute(update(errands).where(errands.c.id.in_(errand_ids), may).values(**dead))
    is_withdrawn = says(errands.c.state, ErrandState.WITHDRAWN)
    tx.execute(update(errands).where(errands.c.id.in_(errand_ids), is_withdrawn).values(dealt_with=how))


def put_aside(tx: Tx, errand_id: int) -> None:
    """Under its link's row lock. It lies there still, to be looked for when its turn comes."""
    lies = (errands.c.id == errand_id, says_one_of(errands.c.state, LYING))
    tx.execute(update(errands).where(*lies).values(dealt_with=Dealt.PARKED))


def lying(tx: Tx, link_id: int, side: Side) -> list[StoredErrand]:
    """Everything of this lane that waits or is held, in its order. Under its link's row lock."""
    of_lane = (errands.c.link_id == link_id, errands.c.side == side, says_one_of(errands.c.state, LYING))
    return [as_stored(row) for row in tx.execute(select(errands).where(*of_lane).order_by(errands.c.id))]


def is_answered(tx: Tx, stored: StoredErrand) -> bool:
    """What came in after its change has ended it: a resolve from the other side; of a resolve, also a reopening of its own."""
    is_taken_back = stored.errand.change is Verb.RESOLVE and _is_reopened(tx, stored)
    return is_taken_back or _is_resolved_over_there(tx, stored)


def _is_reopened(tx: Tx, stored: StoredErrand) -> bool:
    """Where the far side was open still, a row is all that came of it."""
    if stored.arrival_id is None:
        return False
    came_from = deliveries.c.direction == direction(stored.errand.side.other)
    is_later = and_(deliveries.c.change == Verb.REOPEN, deliveries.c.arrival_id > stored.arrival_id)
    which = select(deliveries.c.id).where(deliveries.c.link_id == stored.link_id, came_from, is_later)
    return tx.execute(which.limit(1)).first() is not None


def _is_resolved_over_there(tx: Tx, stored: StoredErrand) -> bool:
    """That resolve has gone the other way, or was to go, in words to a closed case. One without a row is on its way still."""
    since = stored.received_at or stored.begun_at or stored.created_at
    told = deliveries.join(errands, errands.c.id == deliveries.c.errand_id)
    is_resolve = and_(errands.c.side == stored.errand.side.other, errands.c.change == Verb.RESOLVE)
    is_later = errands.c.received_at > since
    which = select(errands.c.id).select_from(told).where(deliveries.c.link_id == stored.link_id, is_resolve, is_later)
    return tx.execute(which.limit(1)).first() is not None


def is_told(tx: Tx, stored: StoredErrand, note: str) -> bool:
    """A later errand speaks of the same change, as a field or in words. `note` is the resolution note as it is said in words:
    each has a text of its own. It is found by its row, or as one that was not tried yet.
    """
    later = [errands.c.id > stored.id, errands.c.side == stored.errand.side, errands.c.change == stored.errand.change]
    if stored.errand.kind is ErrandKind.RESOLUTION_NOTE:
        later.append(or_(errands.c.kind == stored.errand.kind, errands.c.text.endswith(note, autoescape=True)))
    tried = deliveries.join(errands, errands.c.id == deliveries.c.errand_id)
    told = select(errands.c.id).select_from(tried).where(deliveries.c.link_id == stored.link_id, *later)
    live = select(errands.c.id).where(errands.c.link_id == stored.link_id, says_one_of(errands.c.state, LIVE), *later)
    return tx.execute(told.union_all(live).limit(1)).first() is not None


def count_open(tx: Tx) -> int:
    """The dead whom nobody has dealt with."""
    statement = select(func.count()).where(says(errands.c.state, ErrandState.DEAD), errands.c.dealt_with == "")
    return tx.execute(statement).scalar_one()


def count_undone(tx: Tx) -> dict[str, int]:
    """Ended undone by a person's will and still to be missed, by how that was dealt with: of a field only its last write counts."""
    counted: dict[str, int] = {}
    for which in _UNDONE:
        for how, count in tx.execute(_count_of(which)):
            counted[how] = counted.get(how, 0) + count
    return counted


_IS_WISH = errands.c.kind.in_(tuple(FIELD_OF_WISH))
#: Each with its index. What was decided anew of a field has been settled by that.
_UNDONE = (
    and_(says(errands.c.state, ErrandState.DEAD), says(errands.c.dealt_with, Dealt.PARKED)),
    says(errands.c.dealt_with, Dealt.OBSERVED),
    and_(says(errands.c.dealt_with, Dealt.LEFT), ~_IS_WISH),
)


def _count_of(which: ColumnElement[bool]) -> Select[str, int]:
    later = errands.alias("later")
    is_later = and_(later.c.kind == errands.c.kind, later.c.id > errands.c.id)
    told = deliveries.join(later, later.c.id == deliveries.c.errand_id)
    has_later = exists().select_from(told).where(deliveries.c.link_id == errands.c.link_id, is_later)
    missed = or_(~_IS_WISH, ~has_later)
    is_cut = exists().where(
        links.c.id == errands.c.link_id, links.c.is_cut
    )  # its account is gone, and nobody misses it
    return select(errands.c.dealt_with, func.count()).where(which, missed, ~is_cut).group_by(errands.c.dealt_with)


def _ended(row: Row[*tuple[Any, ...]]) -> Ended:
    return Ended(as_stored(row), ErrandState(row.state), row.dealt_with)


def kept(tx: Tx, arrival_id: int) -> Kept | None:
    """One that has been planned, or could not be read."""
    is_over = says_one_of(arrivals.c.state, (ArrivalState.PLANNED, ArrivalState.UNREADABLE))
    row = tx.execute(select(*_KEPT).where(arrivals.c.id == arrival_id, is_over)).one_or_none()
    return None if row is None else Kept(*row)


_KEPT = (
    arrivals.c.source,
    arrivals.c.event_type,
    arrivals.c.record,
    arrivals.c.body,
    arrivals.c.shard,
    arrivals.c.received_at,
    arrivals.c.body_pruned_at,
)
