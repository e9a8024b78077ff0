"""The thread that says now and then that this process is there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from syncd.errors import SyncdError

log = structlog.stdlib.get_logger()

EVERY = 10.0  # seconds


@dataclass(slots=True)
class Heartbeat:
    """Nothing ends it before it is told to stop: who gives no sign of life is taken for gone, and started a second time."""

    beat: Callable[[], None]
    leave: Callable[[], None]
    closing: threading.Event
    every: float = EVERY
    is_missed: bool = field(default=False, init=False)

    def run(self) -> None:
        while True:
            self._try()
            if self.closing.wait(self.every):
                self.leave()
                return

    def _try(self) -> None:
        """It is told when it begins and when it is over, and not every ten seconds."""
        was_missed, self.is_missed = self.is_missed, True
        try:
            self.beat()
        except SyncdError as error:
            if not was_missed:
                log.warning("heartbeat.missed", error=str(error))
        except Exception:
            if not was_missed:
                log.exception("heartbeat.broken")
        else:
            self.is_missed = False
            if was_missed:
                log.info("heartbeat.back")


def thread(beat: Callable[[], None], leave: Callable[[], None], closing: threading.Event) -> threading.Thread:
    return threading.Thread(target=Heartbeat(beat, leave, closing).run, name="heartbeat", daemon=True)
