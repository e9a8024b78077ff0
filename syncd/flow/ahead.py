"""What stands before a hook at its record. Fields have times that tell which came last; notes have only their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.core.retry import BEGINS_WITHIN
from syncd.store import arrivals
from syncd.store.arrivals import Arrival, Record, Waiting
from syncd.store.database import Tx

LOOKED_AT_WITHIN = BEGINS_WITHIN + timedelta(seconds=20)  # so long no other worker makes the same look


@dataclass(slots=True)
class Ahead:
    ours: Collection[int] = frozenset()
    waiting: dict[Record, list[Waiting]] = field(default_factory=dict)
    _looked_at: dict[Record, tuple[datetime, int]] = field(default_factory=dict)  # the place of the first

    @classmethod
    def of(cls, tx: Tx, due: Sequence[Arrival], out: Collection[int], back: Collection[int], now: datetime) -> Ahead:
        """`due` are about to be planned; `out` have this process's looks under way, or waiting for room; of these, `back`
        have been looked at by now.
        """
        waiting = arrivals.waiting(tx, {one.record for one in due if one.record}, now)
        ahead = cls({one.id for one in due} | set(out), waiting)
        for record, hooks in waiting.items():
            before = (one for one in hooks if one.is_untried and (one.id in out or not one.is_due))
            first = next((one for one in before if one.id not in back), None)
            if first is not None:
                ahead._looked_at[record] = (first.received_at, first.id)
        return ahead

    def is_with_another(self, arrival: Arrival) -> bool:
        """Whether another worker is about to plan an earlier one. On SQLite there is none: writers are alone.

        Their links are locked by now, so that none of it can be under way unseen.
        """
        for one in self.waiting.get(arrival.of, ()):
            if one.id == arrival.id:
                return False
            if one.is_due and one.id not in self.ours:
                return True
        return False

    def is_behind_a_look(self, arrival: Arrival) -> bool:
        """A look that failed once stands before nothing any more: a far side that cannot be read delays no news."""
        first = self._looked_at.get(arrival.of)
        return first is not None and first < (arrival.received_at, arrival.id)

    def looks_at(self, arrival: Arrival) -> None:
        if arrival.attempt == 0:
            self._looked_at.setdefault(arrival.of, (arrival.received_at, arrival.id))


def let_on(tx: Tx, looked: Iterable[Arrival], now: datetime) -> set[int]:
    """What stood behind these is due: the shards to wake."""
    shards: set[int] = set()
    for source, record in sorted({one.of for one in looked}):
        shards.update(arrivals.let_on(tx, source, record, now))
    return shards
