"""Runs an ASGI application under uvicorn with our bounds, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import gc
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from syncd.settings import Settings

from .limits import Tally
from .protocol import Bounds, bounded

_GRACE = 2  # seconds for answers under way; an open stream must end by itself on the application's shutdown event
_IDLE = 30  # seconds a sender may keep a connection open between two hooks


class Server(uvicorn.Server):
    """Tells at once that it is to stop. The lifespan's end would be too late: it waits for the open streams."""

    def __init__(self, config: uvicorn.Config, on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_stop = on_stop

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._on_stop()
        super().handle_exit(sig, frame)


def server(app: ASGIApp, settings: Settings, tally: Tally, on_stop: Callable[[], None] = lambda: None) -> Server:
    """It listens where hooks are taken, unless it is given sockets."""
    config = uvicorn.Config(
        app,
        host=settings.http_host,
        port=settings.http_port,
        http=bounded(Bounds(settings.hook_deadline_s, tally)),
        ws="none",
        loop="uvloop",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        # uvicorn believes whoever comes from this machine where a request came from, and so anybody who works on it.
        proxy_headers=settings.is_behind_proxy(),
        limit_concurrency=settings.http_connections,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_GRACE,
    )
    return Server(config, on_stop)


def serve(
    app: ASGIApp,
    settings: Settings,
    tally: Tally,
    sockets: Sequence[socket.socket] = (),
    on_stop: Callable[[], None] = lambda: None,
    on_made: Callable[[Server], object] = lambda _: None,
) -> None:
    """Blocks. `sockets` are bound already; else it binds the configured host and port. `on_made` may keep it, to end it."""
    daemon = server(app, settings, tally, on_stop)
    on_made(daemon)
    # What was imported lives as long as the process: without this the collector walks through all of it under load.
    gc.collect()
    gc.freeze()
    with _told_once(daemon):
        daemon.run(sockets=list(sockets) or None)


@contextmanager
def _told_once(daemon: Server) -> Iterator[None]:
    """Uvicorn sends itself the signal again once it has ended, which would end the process before whoever called has put its things
    away: the console's answers that are under way, rows that say how something ended, connections.
    """
    before = signal.signal(signal.SIGTERM, daemon.handle_exit)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
