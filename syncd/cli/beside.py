"""The console's own listener, in a thread beside the one that takes hooks: what people look at cannot keep a hook waiting its turn."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import structlog
from starlette.types import ASGIApp

from syncd.receiver.limits import Tally
from syncd.receiver.server import Server, server
from syncd.settings import Settings

from .ports import CONSOLE, bound

log = structlog.stdlib.get_logger()

_ENDS_WITHIN = 4.0  # seconds; answers under way have two of them


@dataclass(slots=True)
class Beside:
    """`on_end` is called when it ends by itself: half a daemon that runs on would be noticed by nobody."""

    server: Server
    on_end: Callable[[], None]
    is_stopping: bool = field(default=False)
    has_ended: bool = field(default=False)

    def run(self, listening: socket.socket) -> None:
        try:
            with suppress(SystemExit):  # uvicorn leaves by it when it cannot begin; it has said why.
                self.server.run(sockets=[listening])
        finally:
            if not self.is_stopping:
                self.has_ended = True
                log.error("console.ended_by_itself")
                self.on_end()

    def stop(self) -> None:
        self.is_stopping = True
        self.server.should_exit = True


@contextmanager
def beside(app: ASGIApp, settings: Settings, tally: Tally, on_end: Callable[[], None]) -> Iterator[Beside]:
    """Bound before it begins, so that an address that cannot be had is said in a sentence."""
    listening = bound(settings.console_host, settings.console_port, CONSOLE)
    made = Beside(server(app, settings, tally), on_end)
    thread = threading.Thread(target=made.run, args=(listening,), name="console", daemon=True)
    thread.start()
    log.info("console.listening", host=settings.console_host, port=settings.console_port)
    try:
        yield made
    finally:
        made.stop()
        thread.join(_ENDS_WITHIN)
        listening.close()
        tally.close()
