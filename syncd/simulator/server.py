"""Runs an ASGI application on a real port of this machine: in a thread for tests, or until stopped for `syncd sim`."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from syncd.errors import Misconfigured, PartFailed
from syncd.simulator.asgi import TRANSPORT
from syncd.simulator.hosts import is_loopback

START_S = 10.0
STOP_S = 1


class _Protocol(HttpToolsProtocol):
    """Leaves the socket's transport in the scope, so that a fault can cut the connection."""

    def on_headers_complete(self) -> None:
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]  # ASGI allows keys of one's own
        super().on_headers_complete()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, is_up: Callable[[], None]) -> None:
        super().__init__(config)
        self._is_up = is_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._is_up()


def _config(app: ASGIApp, certificate: Path | None, key: Path | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # The simulated side tells its own time.
        proxy_headers=False,
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    config.load()  # Here and not in the thread, so that a wrong certificate is the caller's to hear of.
    return config


def _url(listener: socket.socket, certificate: Path | None) -> str:
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if certificate else 'http'}://{shown}:{port}"


def _listen(host: str, port: int, *, anywhere: bool) -> socket.socket:
    if not anywhere and not is_loopback(host):
        raise Misconfigured(
            f"The simulator accepts anybody who can reach it, so it does not listen on {host}; use 127.0.0.1."
        )
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Misconfigured(f"Port {port} of {host} cannot be used ({error.strerror}); choose another port.") from error
    return listener


@contextmanager
def serve(app: ASGIApp, *, port: int = 0, certificate: Path | None = None, key: Path | None = None) -> Iterator[str]:
    """Serve in a thread while the block runs; gives the base URL. Port 0 takes a free one."""
    is_up = threading.Event()
    server = _Server(_config(app, certificate, key), is_up.set)
    listener = _listen("127.0.0.1", port, anywhere=False)
    thread = threading.Thread(target=server.run, args=([listener],), name="simulator", daemon=True)
    thread.start()
    try:
        if not is_up.wait(START_S):
            raise PartFailed(f"The simulator's server did not start within {START_S:.0f} s.")
        yield _url(listener, certificate)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def run(
    app: ASGIApp,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: Path | None = None,
    key: Path | None = None,
    anywhere: bool = False,
    is_up: Callable[[str], None] = lambda _: None,
) -> None:
    """Serve until a signal ends it; `is_up` is told the base URL once callers are answered."""
    config = _config(app, certificate, key)
    listener = _listen(host, port, anywhere=anywhere)
    try:
        _Server(config, lambda: is_up(_url(listener, certificate))).run([listener])
    finally:
        listener.close()
