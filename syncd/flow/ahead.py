"""What stands before a hook at its record. Fields have times that tell which came last; notes have only their order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.core.retry import BEGINS_WITHIN
from syncd.store import arrivals
from syncd.store.arrivals import Arrival, Record, Waiting
from syncd.store.database import Tx

LOOKED_AT_WITHIN = BEGINS_WITHIN + timedelta(seconds=20)  # so long no other worker makes the same look
_LET_ON = 64  # of one record at once, lest they stand before everybody else's


@dataclass(slots=True)
class Ahead:
    """For one turn. What has to wait is gathered and written at its end."""

    ours: Collection[int] = frozenset()
    waiting: dict[Record, list[Waiting]] = field(default_factory=dict)
    behind: list[int] = field(default_factory=list)
    spoken_for: set[int] = field(default_factory=set)  # hooks that a look of this turn has answered
    _untried: dict[Record, tuple[datetime, int]] = field(default_factory=dict)  # the place of its first look
    _being_read: set[Record] = field(default_factory=set)
    _replanned: set[Record] = field(default_factory=set)

    @classmethod
    def of(
        cls, tx: Tx, due: Sequence[Arrival], out: Mapping[int, Record], landed: Collection[int], now: datetime
    ) -> Ahead:
        """`due` are about to be planned; `out` have this process's looks under way, or waiting for room; of these the looks
        of `landed` are back.
        """
        until = max((one.received_at for one in due), default=now)
        waiting = arrivals.waiting(tx, {one.record for one in due if one.record}, now, until, out.keys())
        being_read = {record for number, record in out.items() if number not in landed}
        ahead = cls({one.id for one in due} | out.keys(), waiting, _being_read=being_read)
        for record, hooks in waiting.items():
            untried = [one for one in hooks if one.is_untried and (one.id in out or not one.is_due)]
            before = [one for one in untried if one.id not in landed]
            if before:
                ahead._untried[record] = (before[0].received_at, before[0].id)
            if not all(one.is_behind for one in before):
                ahead._being_read.add(record)  # By another worker, perhaps.
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
        first = self._untried.get(arrival.of)
        return first is not None and first < (arrival.received_at, arrival.id)

    def is_being_read(self, arrival: Arrival) -> bool:
        """One look at a record at a time; it may speak for this one as well."""
        return arrival.of in self._being_read or self.is_behind_a_look(arrival)

    def wait(self, arrival: Arrival) -> None:
        self.behind.append(arrival.id)

    def looks_at(self, arrival: Arrival) -> None:
        self._being_read.add(arrival.of)
        if arrival.attempt == 0:
            self._untried.setdefault(arrival.of, (arrival.received_at, arrival.id))

    def replanned(self, record: Record) -> None:
        """Earlier hooks of it are due again, from the next turn on: what this turn has in hand of it comes after them."""
        self._replanned.add(record)

    def is_replanned(self, arrival: Arrival) -> bool:
        return arrival.of in self._replanned

    def write(self, tx: Tx, landed: Iterable[Arrival], now: datetime) -> set[int]:
        """At the very end of the turn: who stands behind a look, and who of those not planned by now does no longer.

        The shards to wake.
        """
        arrivals.defer(tx, self.behind, now + LOOKED_AT_WITHIN, is_behind=True)
        held_up = {record for record, hooks in self.waiting.items() if any(one.is_behind for one in hooks)}
        shards: set[int] = set()
        for source, record in sorted({one.of for one in landed} | held_up):
            if (source, record) not in self._being_read:
                shards.update(arrivals.let_on(tx, source, record, now, _LET_ON))
        return shards
