"""What one worker process holds: its daemon, its crew, and its own timer. Made after the fork."""

from __future__ import annotations

import threading

import structlog

from syncd import errors
from syncd.flow.drain import Crew
from syncd.flow.sweep import sweep
from syncd.settings import Settings
from syncd.store import heartbeats
from syncd.wiring import Daemon, limits, start

log = structlog.stdlib.get_logger()

_GRACE = 1.0  # seconds the timer's tick is given to end


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
        self._rung_last_time: frozenset[int] = frozenset()
        self._closing = threading.Event()
        self._timer = threading.Thread(target=self._run, name="sweep", daemon=True)
        self._timer.start()

    def drain(self, shard: int) -> None:
        self.daemon.bell.clear(shard)
        drained = self.crew.drain(shard)
        self.daemon.bell.ring(drained.woken if drained.is_empty else {*drained.woken, shard})

    def sweep(self) -> frozenset[int]:
        daemon = self.daemon
        return frozenset(sweep(daemon.db, daemon.connections, daemon.clock, limits(daemon.settings)))

    def beat(self, part: str, instance: str) -> None:
        with self.daemon.db.write() as tx:
            heartbeats.beat(tx, part, instance, self.daemon.db.now(tx))

    def close(self) -> None:
        self._closing.set()
        self.crew.close()
        # Whoever is in the middle of a transaction needs the database for a moment yet.
        self._timer.join(_GRACE)
        self.daemon.close()

    def _run(self) -> None:
        while not self._closing.wait(self.daemon.settings.sweep_s):
            try:
                self._tick()
            except errors.SyncdError as error:
                # The next tick tries again; a database that is away is nothing a worker may die of.
                log.warning("sweep.failed", error=str(error))
            except Exception:
                # Nobody stands above this thread: whatever else it is, without the timer sync may stop.
                log.exception("sweep.broken")

    def _tick(self) -> None:
        self.beat("worker", self.daemon.instance)
        due = self.sweep() | self.crew.settle_what_is_back()
        overlooked = due & self._rung_last_time  # Rung for and still there: the broker is not doing its part.
        self._rung_last_time = due - overlooked
        self.daemon.bell.ring(due - overlooked)
        for shard in sorted(overlooked):
            if not self._closing.is_set():
                self.drain(shard)
