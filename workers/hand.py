"""What one worker process holds: its daemon, its crew, and its own timer. Made after the fork."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

import structlog

from syncd import errors
from syncd.connections.webhooks.guardian import Guardian
from syncd.evidence.collecting import collector
from syncd.flow.catchup import reconcile, unheard
from syncd.flow.crew import Crew
from syncd.flow.diagnosing import Diagnosis
from syncd.flow.notices import noticing, telling
from syncd.flow.retention import pruning
from syncd.flow.sweep import sweep
from syncd.settings import Settings
from syncd.store import heartbeats, lanes
from syncd.wiring import Daemon, collecting, limits, policy, start
from syncd.wiring import channels as told_by

log = structlog.stdlib.get_logger()

_AT_LEAST = 0.5  # seconds between two looks at what is due
_GRACE = 1.0  # seconds whoever is in the middle of a transaction is given to end


class Hand:
    """The timer makes this process independent: without broker and beat sync slows to seconds and never stops."""

    def __init__(self, settings: Settings) -> None:
        self.daemon: Daemon = start(settings)
        try:
            self.beat("worker", self.daemon.instance)
        except errors.SyncdError:
            # It is tried again and again, and must not leave a handle behind each time.
            self.daemon.close()
            raise
        self.crew: Crew = self.daemon.crew()
        self._channels, self._has_told = told_by(settings), False
        self._closing = threading.Event()
        self._threads = (
            self._thread("crew", self._work),
            self._thread("sweep", self._look_around),
            self._thread("reconcile", self._catch_up),
            self._thread("notices", self._notice),
            self._thread("evidence", self._collect),
        )

    def sweep(self) -> frozenset[int]:
        daemon = self.daemon
        return frozenset(sweep(daemon.db, daemon.connections, daemon.clock, limits(daemon.settings)))

    def beat(self, part: str, instance: str) -> None:
        with self.daemon.db.write() as tx:
            heartbeats.beat(tx, part, instance, self.daemon.db.now(tx))

    def close(self) -> None:
        self._closing.set()
        self.crew.close()
        for thread in self._threads:
            thread.join(_GRACE)
        with suppress(errors.SyncdError), self.daemon.db.write() as tx:  # It is missed all the same, a little later.
            heartbeats.end(tx, self.daemon.instance, self.daemon.db.now(tx))
        self.daemon.close()

    def _thread(self, name: str, act: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=act, name=name, daemon=True)
        thread.start()
        return thread

    def _work(self) -> None:
        while not self._closing.is_set():
            self.crew.wait()
            if not self._survives("turn", self.crew.turn):
                self._closing.wait(self.daemon.settings.sweep_s)

    def _look_around(self) -> None:
        while not self._rest():
            self._survives("sweep", self._tick)
            self._survives("pruning", self._prune)

    def _catch_up(self) -> None:
        daemon = self.daemon
        worker = reconcile.Worker(daemon.db, daemon.connections, daemon.clock, self.crew.wake, self._closing.wait)
        guardian = Guardian(daemon.db, daemon.connections, daemon.clock, daemon.settings.public_url)
        diagnosis = Diagnosis(daemon.db, daemon.connections, daemon.clock)
        while not self._closing.wait(daemon.settings.sweep_s):
            self._survives("subscriptions", guardian.look)
            self._survives("unheard", partial(unheard.ask_where_due, daemon.db))
            self._survives("diagnosis", diagnosis.look)
            self._survives("reconcile", partial(reconcile.work_off, worker))

    def _collect(self) -> None:
        """In a thread of its own: it takes hours where an account is large, and nobody waits for it."""
        worker = collecting(self.daemon, self._closing.wait)
        while not self._closing.wait(self.daemon.settings.sweep_s):
            self._survives("evidence", partial(collector.work_off, worker))

    def _notice(self) -> None:
        """In a thread of its own: a channel that is slow keeps nobody else waiting."""
        daemon = self.daemon
        while not self._closing.wait(daemon.settings.sweep_s):
            self._survives("notices", partial(noticing.look, daemon.db, self._channels))
            while self._survives("telling", self._tell) and self._has_told and not self._closing.is_set():
                pass

    def _tell(self) -> None:
        self._has_told = telling.tell(self.daemon.db, self._channels, self.daemon.clock)

    def _rest(self) -> bool:
        """Until the next sweep. What falls due meanwhile is woken at its moment, which costs no sweep. Whether it is to end."""
        monotonic = self.daemon.clock.monotonic
        ends = monotonic() + self.daemon.settings.sweep_s
        while (left := ends - monotonic()) > 0:
            pause = self._until_due(left)
            if self._closing.wait(pause):
                return True
            if pause < left:
                self._survives("due", self._wake_due)
        return self._closing.is_set()

    def _until_due(self, at_most: float) -> float:
        db = self.daemon.db
        try:
            with db.read() as tx:
                now = db.now(tx)
                due = lanes.next_due(tx, now, now + timedelta(seconds=at_most))
        except errors.SyncdError:
            return at_most
        return at_most if due is None else min(at_most, max((due - now).total_seconds(), _AT_LEAST))

    def _wake_due(self) -> None:
        with self.daemon.db.read() as tx:
            self.crew.wake(lanes.due_shards(tx, self.daemon.db.now(tx)))

    def _tick(self) -> None:
        self.beat("worker", self.daemon.instance)
        self.crew.wake(self.sweep())

    def _prune(self) -> None:
        """Beside the turns and never in one; a process that is to end waits for one batch at most."""
        pruning.prune(self.daemon.db, policy(self.daemon.settings), self._closing.wait)

    def _survives(self, part: str, act: Callable[[], object]) -> bool:
        """Nobody stands above these threads: without them sync stops, so that nothing may end them."""
        try:
            act()
        except errors.SyncdError as error:
            # The next time tries again; a database that is away is nothing a worker may die of.
            log.warning("work.failed", part=part, error=str(error))
        except Exception:
            log.exception("work.broken", part=part)
        else:
            return True
        return False
