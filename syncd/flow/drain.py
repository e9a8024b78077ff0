"""Working through a shard. One transaction a turn: settle what has come back, plan what has come in, claim what is due.

A crew is one per process. It keeps a window of lanes in flight, so that one slow far side stalls only its own lane, and
gives a shard back after a while, so that no shard starves.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

import structlog

from syncd import errors
from syncd.clock import Clock
from syncd.connections.open import Connections
from syncd.core.changes import Side
from syncd.core.reasons import Outcome, Reason
from syncd.core.retry import backoff
from syncd.store import arrivals, notes
from syncd.store.arrivals import Arrival
from syncd.store.database import Database
from syncd.systems.trip import Trip

from . import accounts, rows
from .attempt import Attempted, NotBegun, attempt
from .book import Book
from .claim import Job, claim
from .hearing import Snapshot
from .look import Looked, look, put_off
from .pace import Pace
from .plan import Look, plan
from .settle import settle
from .turn import Turn

log = structlog.get_logger(__name__)

_BEGINS_WITHIN = 5.0  # seconds from its claim; with a call's 10 s well inside the lease
WINDOW = 64  # arrivals planned in one turn


@dataclass(frozen=True, slots=True)
class Limits:
    lanes: int = 8  # calls in flight at once
    slice_seconds: float = 5.0
    overtaking: timedelta = timedelta(minutes=10)


@dataclass(slots=True)
class _Flight:
    """What is out: which shard's, and what must not be taken twice meanwhile."""

    jobs: dict[str, int] = field(default_factory=dict)  # token -> shard
    looks: dict[int, int] = field(default_factory=dict)  # arrival -> shard

    def count(self) -> int:
        return len(self.jobs) + len(self.looks)

    def of(self, shard: int) -> int:
        return sum(1 for one in (*self.jobs.values(), *self.looks.values()) if one == shard)


@dataclass(frozen=True, slots=True)
class Drained:
    is_empty: bool  # nothing due was left when it ended
    woken: frozenset[int]  # other shards that got something to do


@dataclass(frozen=True, slots=True)
class _Done:
    """What one turn has left to be done once it is committed."""

    jobs: Sequence[Job]
    looks: Sequence[Look]
    woken: frozenset[int]
    is_something: bool


class Crew:
    def __init__(self, db: Database, connections: Connections, clock: Clock, limits: Limits) -> None:
        self._db, self._connections, self._clock, self._limits = db, connections, clock, limits
        self._pool = ThreadPoolExecutor(limits.lanes, thread_name_prefix="lane")
        self._back: queue.SimpleQueue[Attempted | Looked] = queue.SimpleQueue()
        self._flight = _Flight()
        self._pace = Pace(limits.lanes)
        self._turns = threading.Lock()
        self._is_closing = False

    def drain(self, shard: int) -> Drained:
        """Until nothing is due and nothing of this shard is out, or the time slice is over."""
        until = self._clock.monotonic() + self._limits.slice_seconds
        woken: set[int] = set()
        while not self._is_closing:
            did = self._turn(shard, woken)
            out = self._flight.of(shard)
            if not did and not out:
                return Drained(is_empty=True, woken=frozenset(woken - {shard}))
            left = until - self._clock.monotonic()
            if left <= 0:
                break
            if not did:
                self._wait_for_one(left)
        return Drained(is_empty=False, woken=frozenset(woken))

    def settle_what_is_back(self) -> frozenset[int]:
        """For the worker's own timer: calls that came back after their drain had gone."""
        woken: set[int] = set()
        if not self._back.empty():
            self._turn(None, woken)
        return frozenset(woken)

    def close(self, seconds: float = 2.0) -> None:
        """Wait a little for what is out, settle it, and leave the rest to its leases."""
        self._is_closing = True
        until = self._clock.monotonic() + seconds
        while self._flight.count() and (left := until - self._clock.monotonic()) > 0:
            self._wait_for_one(left)
            self._turn(None, set())
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _turn(self, shard: int | None, woken: set[int]) -> bool:
        """Whether anything was done."""
        with self._turns:
            back = self._come_back()
            try:
                done = self._in_one_transaction(shard, back)
            except BaseException:
                for one in back:
                    self._back.put(one)  # Not written down: it is settled by a later turn, or by its lease.
                raise
            for one in back:
                self._landed(one)
            for job in done.jobs:
                self._send(job, shard or 0)
            for wanted in done.looks:
                self._look(wanted, shard or 0)
            woken.update(done.woken)
            return done.is_something

    def _in_one_transaction(self, shard: int | None, back: Sequence[Attempted | Looked]) -> _Done:
        """Once more and carefully when something in it makes us fail: one poisoned hook must not stop the others."""
        try:
            return self._once(shard, back, is_careful=False)
        except errors.Unavailable:
            raise
        except Exception:
            log.exception("turn.failed", shard=shard)
            return self._once(shard, back, is_careful=True)

    def _once(self, shard: int | None, back: Sequence[Attempted | Looked], *, is_careful: bool) -> _Done:
        with self._db.write() as tx:
            book = Book.open(tx, self._connections)
            turn = Turn(tx, self._db.now(tx), book, self._limits.overtaking, is_careful)
            due = [] if shard is None or self._is_closing else self._due(turn, shard)
            looked = self._looked(turn, back)
            attempted = [one for one in back if isinstance(one, Attempted)]
            self._hold(turn, [*due, *(arrival for _, arrival in looked)], attempted)
            settle(turn, attempted)
            looks = [again for one, arrival in looked if (again := _planned_again(turn, one, arrival)) is not None]
            wanted = [look for one in due if (look := _planned(turn, one, None)) is not None]
            room = max(0, self._pace.window() - self._flight.count() + len(back) - len(looks))
            looks, left = [*looks, *wanted[:room]], len(wanted[room:])
            jobs = claim(turn, shard, room - len(wanted)) if shard is not None and not self._is_closing else []
            accounts.write_down(turn)
            turn.write()
        is_something = bool(back or jobs or looks or turn.rows or len(due) > left)
        return _Done(jobs, looks, frozenset(turn.shards), is_something)

    def _due(self, turn: Turn, shard: int) -> list[Arrival]:
        due = arrivals.due(turn.tx, shard, turn.now, WINDOW)
        return [one for one in due if one.id not in self._flight.looks]

    def _looked(self, turn: Turn, back: Sequence[Attempted | Looked]) -> list[tuple[Looked, Arrival]]:
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

    def _come_back(self) -> list[Attempted | Looked]:
        back = []
        while True:
            try:
                back.append(self._back.get_nowait())
            except queue.Empty:
                return back

    def _wait_for_one(self, seconds: float) -> None:
        try:
            one = self._back.get(timeout=seconds)
        except queue.Empty:
            return
        self._back.put(one)

    def _landed(self, one: Attempted | Looked) -> None:
        if isinstance(one, Attempted):
            self._flight.jobs.pop(one.job.token, None)
        else:
            self._flight.looks.pop(one.look.arrival.id, None)

    def _send(self, job: Job, shard: int) -> None:
        self._flight.jobs[job.token] = shard
        self._pool.submit(self._attempt, job, self._clock.monotonic())

    def _look(self, wanted: Look, shard: int) -> None:
        self._flight.looks[wanted.arrival.id] = shard
        self._pool.submit(self._look_at, wanted)

    def _look_at(self, wanted: Look) -> None:
        try:
            self._back.put(look(wanted, self._clock))
        except Exception as error:
            log.exception("look.broken", arrival_id=wanted.arrival.id)
            said = errors.Ambiguous(
                f"syncd failed during the look ({type(error).__name__}); the log has the traceback."
            )
            self._back.put(Looked(wanted, said, Trip.begin("broken", self._clock.monotonic)))

    def _attempt(self, job: Job, since: float) -> None:
        """In a lane's thread, where an exception would vanish: a fault of ours is an end without an answer."""
        begun = self._clock.monotonic()
        try:
            if begun - since > _BEGINS_WITHIN:
                self._back.put(Attempted(job, NotBegun(), Trip.begin("late", self._clock.monotonic)))
                return
            done = attempt(job, self._clock, self._taken)
            self._pace.saw(self._clock.monotonic() - begun)
            self._back.put(done)
        except Exception as error:
            log.exception("attempt.broken", errand_id=job.stored.id)
            said = errors.Ambiguous(
                f"syncd failed during the attempt ({type(error).__name__}); the log has the traceback."
            )
            self._back.put(Attempted(job, said, Trip.begin("broken", self._clock.monotonic)))

    def _taken(self, job: Job, note_ids: list[str]) -> frozenset[str]:
        with self._db.read() as tx:
            return notes.taken(tx, job.stored.link_id, job.stored.errand.side, note_ids)


def _planned(turn: Turn, arrival: Arrival, snapshot: Snapshot | None) -> Look | None:
    return turn.apart(partial(plan, turn, arrival, snapshot), partial(_set_back, turn, arrival))


def _planned_again(turn: Turn, looked: Looked, arrival: Arrival) -> Look | None:
    if isinstance(looked.result, errors.SideError):
        put_off(turn, looked, looked.result)
        return None
    return _planned(turn, arrival, looked.result)


def _set_back(turn: Turn, arrival: Arrival, error: Exception) -> None:
    next_at = backoff(arrival.attempt + 1, turn.now, 1.0)
    arrivals.put_off(turn.tx, arrival.id, next_at)
    said = rows.Said(arrival.event_type or "unknown", Outcome.RETRYING, Reason.BROKEN, rows.broken(error))
    row = rows.of_arrival(arrival, turn.book.side(arrival.source), turn.now, said)
    turn.say(replace(row, attempt=arrival.attempt + 1, next_attempt_at=next_at))
