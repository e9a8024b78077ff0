"""One turn of a crew: a transaction, the clock as it sees it, the links it has locked, and what it leaves to be written and rung.

What several things of one turn change is written once, at its end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from syncd.core.changes import Side
from syncd.core.errand import FIELD_OF_WISH, Draft, Errand, Replay
from syncd.core.link import Link, LinkState
from syncd.core.reasons import Outcome, Reason
from syncd.flow import conflicts
from syncd.store import deliveries, errands, holds, links, overtaken, reconciles
from syncd.store.arrivals import Arrival
from syncd.store.database import Tx
from syncd.store.deliveries import Delivery
from syncd.store.errands import Line, NewErrand, Spot, StoredErrand
from syncd.store.links import StoredLink
from syncd.store.outage import is_outage

from . import rows
from .ahead import Ahead
from .backlog import Backlog
from .book import Book

LOOKED_AT_BY = timedelta(seconds=2)  # a look that is asked for now has mostly been made
log = structlog.get_logger(__name__)
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Most:
    """So many writes a minute of one field to one side of a link, and no more: see flow/breaker."""

    changes: int = 10
    notes: int = 60


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose news an errand carries on."""

    arrival_id: int | None = None
    received_at: datetime | None = None
    looked: Sequence[Line] = ()  # the requests that were needed to understand the news
    replay: Replay | None = None
    doubtful_until: datetime | None = None  # it may stand over there already, and is looked for after this
    look_at: datetime | None = None  # when the look that it has to wait for is made; None: about now


@dataclass(slots=True)
class Turn:
    """Links are locked first, together and in the order of their ids: two turns never wait for each other in a circle."""

    tx: Tx
    now: datetime
    book: Book
    overtaking: timedelta  # for how long a hook that found no link may still find one
    most: Most = field(default_factory=Most)
    is_careful: bool = False  # a turn like this one has failed: each thing is done apart from the others
    rows: list[Delivery] = field(default_factory=list)
    shards: set[int] = field(default_factory=set)  # where hooks are to be planned again
    lanes: set[int] = field(default_factory=set)  # where an errand may have become the head of its lane
    alarms: list[tuple[Reason, StoredLink]] = field(default_factory=list)
    differences: Counter[int] = field(default_factory=Counter)  # found, by the look over an account that had it read
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)  # account -> a code, and what it said of us
    unreached: dict[str, int] = field(default_factory=dict)  # account -> connections that were not made
    reached: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)  # accounts that refused something: what their key may do is asked
    rests: dict[str, float] = field(default_factory=dict)  # account -> for how many seconds it asked to be left alone
    backlog: Backlog = field(default_factory=Backlog)
    ahead: Ahead = field(default_factory=Ahead)
    _links: dict[int, StoredLink] = field(default_factory=dict)
    _records: dict[tuple[Side, str, str], int] = field(default_factory=dict)
    _absent: set[tuple[Side, str, str]] = field(default_factory=set)
    _wishes: set[Spot] = field(default_factory=set)  # where a wish waits, or may
    _asked: set[int] = field(default_factory=set)  # links whose waiting wishes are known

    def hold(self, link_ids: Iterable[int]) -> None:
        """Before anything else of this turn: it waits for whoever has them."""
        self._learn(links.lock_many(self.tx, sorted(set(link_ids) - self._links.keys())).values())

    def look_up(self, side: Side, records: Sequence[tuple[str, str]]) -> list[int]:
        """The links of these records, to be held; those without one need not be asked for again."""
        found = links.ids_of(self.tx, side, records)
        self._absent.update((side, *one) for one in records if one not in found)
        return [found[one] for one in records if one in found]

    def hold_free(self, link_ids: Iterable[int]) -> list[int]:
        """Later on: those that nobody else has."""
        wanted = list(link_ids)
        missing = sorted(set(wanted) - self._links.keys())
        self._learn(links.lock_many(self.tx, missing, is_patient=False).values())
        return [link_id for link_id in wanted if link_id in self._links]

    def link(self, link_id: int) -> StoredLink:
        return self._links[link_id]

    def find(self, source: str, side: Side, record: str) -> StoredLink | None:
        """The link of a record, locked."""
        held = self._records.get((side, source, record))
        if held is not None:
            return self._links[held]
        if (side, source, record) in self._absent:
            return None
        found = links.find(self.tx, source, side, record)
        if found is None:
            return None
        self.hold([found.id])
        return self._links[found.id]

    def created(self, stored: StoredLink) -> None:
        self._learn([stored])

    def save(self, stored: StoredLink, link: Link, *, is_opened: bool = False) -> StoredLink:
        if link == stored.link:
            return stored
        self.backlog.changed.setdefault(stored.id, stored)
        if is_opened:
            self.backlog.opened.add(stored.id)
        after = links.changed(stored, conflicts.dated(link, self.now))
        self._learn([after])
        if stored.link.state is LinkState.OPENING and link.state in {LinkState.OPEN, LinkState.ENDED}:
            self._let_go(after)
        return after

    def _let_go(self, stored: StoredLink) -> None:
        """What an opening that failed once had left waiting for another. Why there was no incident is over once there is one."""
        is_freed = bool(holds.let_go_of_link(self.tx, stored.id, Reason.LINK_FAILED))
        if is_freed:
            self.lanes.add(stored.shard)
        if is_freed or (stored.reason and stored.link.state is LinkState.OPEN):
            links.explain(self.tx, stored.id, "")

    def replan(self, source: str, record: str) -> None:
        """It has a link from now on: its hooks that found none are due again, and the rest of them only after those."""
        self.flush()
        shards = overtaken.replan(self.tx, source, record, self.now, self.overtaking)
        if shards:
            self.shards.update(shards)
            self.ahead.replanned((source, record))

    def say(self, row: Delivery | None) -> None:
        if row is not None:
            self.rows.append(row)

    def say_held(self, stored: StoredErrand, link: StoredLink, reason: Reason) -> None:
        why = self.book.held_because(link.link, stored.errand.side, reason)
        self.say(rows.of_errand(stored, link, self.now, rows.Ended(Outcome.HELD, reason, why)))

    def add(self, link: StoredLink, drafts: tuple[Draft, ...], origin: Origin) -> None:
        """Each draft to the end of its lane; a lane that is held takes it in and says so."""
        for draft in drafts:
            held = self.book.why_held(link.link, draft.side) or self._why_kept(link, draft.side)
            new = NewErrand(
                link.id,
                draft,
                link.shard,
                self.now,
                origin.arrival_id,
                origin.received_at,
                held,
                origin.looked,
                origin.replay,
                origin.doubtful_until or self.book.doubtful_until(link.link, draft),
                max(self.now, origin.look_at or self.now) + LOOKED_AT_BY if draft.is_after_a_look else None,
            )
            origin = replace(origin, looked=())  # Told once, by the first.
            if held or self._may_wait_already(link, draft):
                self.flush()
                self._explain(link, new, errands.add(self.tx, new), origin)
            else:
                self.backlog.added.append(new)
        if drafts:
            self.lanes.add(link.shard)

    def _why_kept(self, link: StoredLink, side: Side) -> str:
        """In a lane that keeps what was asked for before its account was only observed nothing overtakes that."""
        if not self.book.is_observed(link.link, side):
            return ""
        return Reason.ASKED_BEFORE if holds.holds_lane(self.tx, link.id, side, Reason.ASKED_BEFORE) else ""

    def take_lanes(self) -> frozenset[int]:
        """For a claim; what a claim changes itself is left to the next."""
        taken, self.lanes = frozenset(self.lanes), set()
        return taken

    def about_to_return(self, stored: StoredErrand) -> None:
        """A wish that was out is to wait again, unless a newer one does: one of this turn, perhaps."""
        if stored.errand.kind in FIELD_OF_WISH:
            self.flush()
        self._wishes.add((stored.link_id, stored.errand.side, stored.errand.kind))

    def _may_wait_already(self, link: StoredLink, draft: Draft) -> bool:
        if draft.kind not in FIELD_OF_WISH:
            return False
        if link.id not in self._asked:
            unasked = self._links.keys() - self._asked
            self._wishes |= errands.waiting_wishes(self.tx, sorted(unasked))
            self._asked |= unasked
        spot = (link.id, draft.side, draft.kind)
        waits = spot in self._wishes
        self._wishes.add(spot)
        return waits

    def apart(self, act: Callable[[], Done], instead: Callable[[Exception], Done]) -> Done:
        """A fault of ours in one thing must not undo the others. Only a turn that has failed as a whole pays for this."""
        if not self.is_careful:
            return act()
        self.flush()
        before = (
            len(self.rows),
            set(self.shards),
            set(self.lanes),
            len(self.alarms),
            self.differences.copy(),
            dict(self._links),
            dict(self._records),
        )
        try:
            with self.tx.begin_nested():
                done = act()
                self.flush()
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("turn.broken")
            self._forget(*before)
            return instead(error)
        return done

    def flush(self) -> None:
        """Write what was put off."""
        self.backlog.write(self.tx, self.now, self._links)

    def write(self) -> None:
        self.flush()
        rows = [self._without_secrets(row) for row in self.rows]
        if self.is_careful:
            for row in rows:
                self._write_apart(row)
        else:
            deliveries.record_many(self.tx, rows)
        reconciles.differed(self.tx, self.differences)  # Last: whoever else counts for the same look waits here.
        for reason, link in self.alarms:
            log.error("link.alarmed", reason=str(reason), link_id=link.id, case=link.link.case_id)

    def _without_secrets(self, row: Delivery) -> Delivery:
        """Each account's own are masked already; here is a key of one that somebody has written into another."""
        quoted = {"detail": row.detail, "request": row.request, "response": row.response}
        hidden = self.book.connections.hide(quoted)
        return row if hidden == quoted else replace(row, **hidden)

    def _write_apart(self, row: Delivery) -> None:
        """A row that the table refuses is a fault of ours, and must not undo what the others tell of."""
        try:
            with self.tx.begin_nested():
                deliveries.record_many(self.tx, [row])
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("row.broken", arrival_id=row.arrival_id, errand_id=row.errand_id)
            deliveries.record_many(self.tx, [rows.bare(row, error)])

    def _learn(self, stored: Iterable[StoredLink]) -> None:
        for one in stored:
            self._links[one.id] = one
            for side in Side:
                if one.link.ref(side):
                    self._records[side, one.link.system(side), one.link.ref(side)] = one.id

    def _forget(
        self,
        row_count: int,
        shards: set[int],
        lanes: set[int],
        alarm_count: int,
        differences: Counter[int],
        held: dict[int, StoredLink],
        records: dict[tuple[Side, str, str], int],
    ) -> None:
        """Everything was flushed before the act, so that what is put off now is its own."""
        del self.rows[row_count:], self.alarms[alarm_count:]
        self.shards, self.lanes, self._links, self._records = shards, lanes, held, records
        self.differences = differences
        self._asked.clear()
        self.backlog.clear()

    def _explain(self, link: StoredLink, new: NewErrand, added: errands.Added, origin: Origin) -> None:
        if added.replaced is not None and added.replaced.arrival_id != origin.arrival_id:
            ended = rows.Ended(Outcome.SUPPRESSED, Reason.SUPERSEDED)
            self.say(rows.of_errand(added.replaced, link, self.now, ended))
        if new.held:
            stored = _as_stored(added.id, link, new.draft, origin)
            self.say_held(stored, link, Reason(new.held))


def origin_of(arrival: Arrival, looked: Sequence[Line] = ()) -> Origin:
    return Origin(arrival.id, arrival.received_at, looked, arrival.replay)


def _as_stored(errand_id: int, link: StoredLink, draft: Draft, origin: Origin) -> StoredErrand:
    errand = Errand(str(errand_id), str(link.id), draft.side, draft.kind, draft.change, 0, draft.text, draft.author)
    return StoredErrand(
        errand_id,
        link.id,
        errand,
        "",
        None,
        origin.arrival_id,
        draft.occurred_at,
        origin.received_at,
        draft.by.name,
        "",
        origin.replay,
        origin.looked,
    )
