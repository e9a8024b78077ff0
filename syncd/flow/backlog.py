"""What a turn has put off writing, so that many changes are one statement. The order of writing is that of the lanes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from syncd import process
from syncd.core import retry
from syncd.store import arrivals, errands, links, pen_names
from syncd.store.database import Tx
from syncd.store.errands import Begun, Finished, NewErrand
from syncd.store.links import Saved, StoredLink
from syncd.store.pen_names import Borrowed


@dataclass(slots=True)
class Backlog:
    finished: list[Finished] = field(default_factory=list)
    added: list[NewErrand] = field(default_factory=list)
    changed: dict[int, StoredLink] = field(default_factory=dict)  # links to be saved, as the database has them
    opened: set[int] = field(default_factory=set)  # those of them that have opened
    planned: list[int] = field(default_factory=list)  # arrivals
    read: list[int] = field(default_factory=list)  # those of them that a look over their account asked for
    unlinked: list[int] = field(default_factory=list)
    begun: list[Begun] = field(default_factory=list)
    borrowed: list[Borrowed] = field(default_factory=list)  # names that those are made in

    @property
    def ended(self) -> set[int]:
        """Errands."""
        return {one.id for one in self.finished}

    def write(self, tx: Tx, now: datetime, now_held: Mapping[int, StoredLink]) -> None:
        """A lane's head ends before another of it begins."""
        errands.finish(tx, self.finished)
        errands.add_many(tx, self.added)
        links.save_many(tx, [self._saved(link_id, now, now_held) for link_id in sorted(self.changed)])
        arrivals.planned(tx, self.planned)
        arrivals.read(tx, self.read)
        arrivals.unlinked(tx, self.unlinked)
        errands.begin(tx, self.begun, now=now, lease_until=now + retry.LEASE, by=process.own())
        pen_names.add_many(tx, self.borrowed, now)
        self.clear()

    def clear(self) -> None:
        arrivals_of = (self.planned, self.read, self.unlinked)
        for part in (self.finished, self.added, self.changed, self.opened, *arrivals_of, self.begun, self.borrowed):
            part.clear()

    def _saved(self, link_id: int, now: datetime, now_held: Mapping[int, StoredLink]) -> Saved:
        return Saved(self.changed[link_id], now_held[link_id], now if link_id in self.opened else None)
