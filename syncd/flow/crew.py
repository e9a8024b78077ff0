"""One process's work: turn after turn, each a transaction that settles what has come back, plans what has come in and claims
what is due, in every shard that was woken.

A crew keeps a window of calls in flight for each account, so that one slow far side stalls only its own lanes, and no turn
waits for a call.
"""

from __future__ import annotations

import math
import queue
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.connections.tolls import Left
from syncd.core.changes import Side
from syncd.core.retry import BEGINS_WITHIN, TRIES_FOR
from syncd.store import arrivals, notes
from syncd.store.arrivals import Arrival, Record
from syncd.store.database import Database
from syncd.systems.trip import Trip

from . import accounts
from .ahead import LOOKED_AT_WITHIN, Ahead
from .attempt import Attempted, NotBegun, attempt
from .awake import Awake
from .book import Book
from .claim import Job, claim
from .flight import Flight
from .landing import land, planned
from .look import Looked, NotLooked, look, purpose_of
from .plan import Look
from .room import LOOK_COSTS, Room
from .settle import settle
from .turn import Most, Turn

log = structlog.get_logger(__name__)

WINDOW = 64  # arrivals planned in one turn
_MOST_UNLOOKED = 4 * WINDOW  # looks that wait in memory for room at their account
_RESUMES_AFTER = 0.25  # seconds; PagerDuty lets about three requests go in them
_LOOKED_AT_LATER = timedelta(seconds=5)  # further ones are set back, lest they stand before what can be decided


@dataclass(frozen=True, slots=True)
class Limits:
    lanes: int = 8  # calls in flight at once for each account
    overtaking: timedelta = timedelta(minutes=10)
    most: Most = field(default_factory=Most)


def _no_marks(_: Iterable[int]) -> None:
    """Nobody rang."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What one turn has left to be done once it is committed."""

    jobs: Sequence[Job]
    looks: Sequence[Look]
    unlooked: dict[int, Look]
    awake: frozenset[int]  # the next one has to look there again
    is_something: bool
    since: float  # by our own clock, when its attempts were written down to begin


_Back = Attempted | Looked | NotLooked


class Crew:
    def __init__(
        self,
        db: Database,
        connections: Connections,
        clock: Clock,
        limits: Limits,
        clear: Callable[[Collection[int]], None] = _no_marks,
    ) -> None:
        """`clear` takes away the marks of shards that were rung for."""
        self._db, self._connections, self._clock, self._limits = db, connections, clock, limits
        self._clear = clear
        self._signals: queue.SimpleQueue[_Back | None] = queue.SimpleQueue()  # None: somebody was woken
        self._awake = Awake()
        self._rung = Awake()
        self._flight = Flight(limits.lanes)
        self._unlooked: dict[int, Look] = {}  # arrivals whose look waits for room at its account
        self._turns = threading.Lock()
        self._resumes_at = math.inf  # by our own clock: the budget was spent, and lets something go by then
        self._is_closing = False

    @property
    def is_out(self) -> bool:
        """Whether a call has not been settled yet."""
        return self._flight.count() > 0

    def wake(self, shards: Iterable[int]) -> None:
        """From any thread. What is written after a turn began is found by the next one."""
        self._awake.add(shards)
        self._signals.put(None)

    def rung(self, shards: Iterable[int]) -> None:
        """Their marks stand until a turn looks there: meanwhile nobody rings for them again."""
        self._rung.add(shards)
        self._signals.put(None)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether there is something for a turn to do, or may be."""
        until = self._resumes_at - self._clock.monotonic()
        pause = seconds if until == math.inf else max(0.0, min(until, math.inf if seconds is None else seconds))
        try:
            one = self._signals.get(timeout=pause)
        except queue.Empty:
            return self._resumes_at <= self._clock.monotonic()
        self._signals.put(one)
        return True

    def turn(self) -> None:
        with self._turns:
            back, awake = self._come_back(), self._awake.take() | self._rung_for()
            is_resumed, self._resumes_at = self._resumes_at <= self._clock.monotonic(), math.inf
            if not (back or awake or (is_resumed and self._unlooked)):
                return
            scarce = self._connections.tolls.scarce()
            try:
                done = self._in_one_transaction(awake, back, scarce)
            except BaseException:
                for one in back:
                    self._signals.put(one)  # Not written down: it is settled by a later turn, or by its lease.
                self.wake(awake)
                raise
            for one in back:
                self._landed(one)
            for job in done.jobs:
                self._flight.attempt(job.slug, job.token, partial(self._attempt, job, done.since))
            for wanted in done.looks:
                self._flight.look(wanted.arrival, partial(self._look_at, wanted))
            unmade = {one.look.arrival.id: one.look for one in back if isinstance(one, NotLooked)}
            self._unlooked = {**done.unlooked, **unmade}
            self._awake.add(done.awake)
            if done.awake and done.is_something:
                self._signals.put(None)  # Otherwise only what comes back can change anything.
            is_starved = bool(scarce or unmade) and bool(done.awake or self._unlooked)
            self._resumes_at = self._clock.monotonic() + _RESUMES_AFTER if is_starved else math.inf

    def close(self, seconds: float = 2.0) -> None:
        """Wait a little for what is out, settle it, and leave the rest to its leases."""
        self._is_closing = True
        self._signals.put(None)
        until = self._clock.monotonic() + seconds
        if self._turns.acquire(timeout=seconds):  # Another thread may be about to send what its turn has claimed.
            self._turns.release()
        while self.is_out and (left := until - self._clock.monotonic()) > 0:
            if self.wait(left):
                self.turn()
        self._flight.close()

    def _in_one_transaction(self, awake: frozenset[int], back: Sequence[_Back], scarce: Mapping[str, Left]) -> _Done:
        """Once more and carefully when something in it makes us fail: one poisoned hook must not stop the others."""
        try:
            return self._once(awake, back, scarce, is_careful=False)
        except errors.Unavailable:
            raise
        except Exception:
            log.exception("turn.failed")
            return self._once(awake, back, scarce, is_careful=True)

    def _once(
        self, awake: frozenset[int], back: Sequence[_Back], scarce: Mapping[str, Left], *, is_careful: bool
    ) -> _Done:
        awake = frozenset() if self._is_closing else awake
        with self._db.write() as tx:
            book = Book.open(tx, self._connections)
            # Before the time that its leases count from: it may stand still at any line.
            since = self._clock.monotonic()
            turn = Turn(tx, self._db.now(tx), book, self._limits.overtaking, self._limits.most, is_careful)
            due = self._due(turn, awake)
            looked = self._looked(turn, back)
            attempted = [one for one in back if isinstance(one, Attempted)]
            self._hold(turn, [*due, *(arrival for _, arrival in looked)], attempted)
            landed = [one.look.arrival.id for one in back if isinstance(one, Looked)]
            turn.ahead = Ahead.of(tx, due, self._out_for_looks(), landed, turn.now)
            taken = [one for one in due if not turn.ahead.is_with_another(one)]
            settle(turn, attempted)
            looks = land(turn, looked)
            left = [one for one in taken if one.id not in turn.ahead.spoken_for]
            wanted = [look for one in left if (look := planned(turn, one)) is not None]
            room = self._room(book, back, scarce)
            kept = [one for one in self._unlooked.values() if accounts.is_readable(book, one.arrival.source)]
            looks, unlooked, later = _sorted_out(room, looks, [*kept, *wanted])
            arrivals.defer(tx, later, turn.now + _LOOKED_AT_LATER)
            ours = {one.arrival.id for one in looks} | (unlooked.keys() - self._unlooked.keys())
            arrivals.defer(tx, sorted(ours), turn.now + LOOKED_AT_WITHIN)
            lanes = frozenset() if self._is_closing else awake | turn.take_lanes()
            jobs, is_more = claim(turn, lanes, room)
            accounts.write_down(turn)
            turn.write()
            turn.shards |= turn.ahead.write(tx, [arrival for _, arrival in looked], turn.now)
        is_full = len(due) == WINDOW or len(taken) < len(due) or bool(unlooked) or is_more
        is_something = bool(back or jobs or looks or turn.rows or due)
        awake = frozenset(turn.shards | turn.lanes | (lanes if is_full else set()))
        return _Done(jobs, looks, unlooked, awake, is_something, since)

    def _room(self, book: Book, back: Sequence[_Back], scarce: Mapping[str, Left]) -> Room:
        """What has come back leaves its place to another."""
        free = self._flight.rooms(book.integrations)
        for one in back:
            free[_slug(one)] = free.get(_slug(one), 0) + 1
        return Room.of(free, scarce)

    def _rung_for(self) -> frozenset[int]:
        """The marks go before the look: whatever is written after that rings again."""
        rung = self._rung.take()
        if rung:
            self._clear(rung)
        return rung

    def _due(self, turn: Turn, awake: frozenset[int]) -> list[Arrival]:
        return arrivals.due(turn.tx, awake, turn.now, WINDOW, besides=self._out_for_looks().keys())

    def _out_for_looks(self) -> dict[int, Record]:
        return {**self._flight.looks(), **{arrival_id: one.arrival.of for arrival_id, one in self._unlooked.items()}}

    def _looked(self, turn: Turn, back: Sequence[_Back]) -> list[tuple[Looked, Arrival]]:
        """Without those that somebody else has planned meanwhile."""
        looks = [one for one in back if isinstance(one, Looked)]
        claimed = arrivals.claim(turn.tx, [one.look.arrival.id for one in looks])
        return [(one, claimed[one.look.arrival.id]) for one in looks if one.look.arrival.id in claimed]

    def _hold(self, turn: Turn, due: Sequence[Arrival], attempted: Sequence[Attempted]) -> None:
        """Every link of this turn that is known by now, at once."""
        link_ids = [one.job.stored.link_id for one in attempted]
        for side in Side:
            records = {(one.source, one.record) for one in due if turn.book.side(one.source) is side}
            link_ids += turn.look_up(side, sorted(records))
        turn.hold(link_ids)

    def _come_back(self) -> list[_Back]:
        back: list[_Back] = []
        while True:
            try:
                one = self._signals.get_nowait()
            except queue.Empty:
                return back
            if one is not None:
                back.append(one)

    def _landed(self, one: _Back) -> None:
        if isinstance(one, Attempted):
            self._flight.attempted(one.job.slug, one.job.token)
        else:
            self._flight.looked(one.look.arrival)

    def _look_at(self, wanted: Look) -> None:
        try:
            self._signals.put(look(wanted, self._clock))
        except Exception as error:
            log.exception("look.broken", arrival_id=wanted.arrival.id)
            said = errors.Ambiguous(
                f"syncd failed during the look ({type(error).__name__}); the log has the traceback."
            )
            self._signals.put(Looked(wanted, said, Trip.begin("broken", self._clock.monotonic)))

    def _attempt(self, job: Job, since: float) -> None:
        """In a lane's thread, where an exception would vanish: a fault of ours is an end without an answer."""
        begun = self._clock.monotonic()
        try:
            if begun - since > BEGINS_WITHIN.total_seconds():
                self._signals.put(Attempted(job, NotBegun(), Trip.begin("late", self._clock.monotonic)))
                return
            until = since + (BEGINS_WITHIN + TRIES_FOR).total_seconds()
            done = attempt(job, self._clock, self._taken, until)
            self._flight.saw(job.slug, self._clock.monotonic() - begun)
            self._signals.put(done)
        except Exception as error:
            log.exception("attempt.broken", errand_id=job.stored.id)
            said = errors.Ambiguous(
                f"syncd failed during the attempt ({type(error).__name__}); the log has the traceback."
            )
            self._signals.put(Attempted(job, said, Trip.begin("broken", self._clock.monotonic)))

    def _taken(self, job: Job, note_ids: list[str]) -> frozenset[str]:
        with self._db.read() as tx:
            return notes.taken(tx, job.stored.link_id, job.stored.errand.side, note_ids)


def _slug(one: _Back) -> str:
    return one.job.slug if isinstance(one, Attempted) else one.look.arrival.source


def _sorted_out(
    room: Room, again: Sequence[Look], wanted: Sequence[Look]
) -> tuple[list[Look], dict[int, Look], list[int]]:
    """Those to be made now, those that wait for room, and arrivals that are too many to be remembered.

    Those made again have their place already.
    """
    for one in again:
        room.use(one.arrival.source)
    made, left, later = list(again), dict[int, Look](), list[int]()
    for one in wanted:
        if room.take(one.arrival.source, purpose_of(one.arrival), LOOK_COSTS):
            made.append(one)
        elif len(left) < _MOST_UNLOOKED:
            left[one.arrival.id] = one
        else:
            later.append(one.arrival.id)
    return made, left, later
