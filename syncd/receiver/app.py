"""The receiver as an ASGI application, alone or beside the console's routes. It is put together here and decides nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from syncd.clock import Clock
from syncd.flow import accept
from syncd.flow.accept import Doors
from syncd.store.database import Database

from .as_said import AsSaid
from .doors import Doorkeeper
from .health import Readiness, healthz
from .hook import HookDesk
from .inbox import Inbox
from .limits import Tally
from .rejections import Rejections

_HOOK = re.compile("/hooks/[^/]+")


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """Starlette takes a function for one that wants a Request; the busiest door does without."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Rings(Protocol):
    def ring(self, shards: Iterable[int]) -> None:
        """Never raises and never waits."""


@dataclass(frozen=True, slots=True)
class Parts:
    db: Database
    doors: Doors
    bell: Rings
    clock: Clock
    check: Callable[[], None]  # raises when database or schema cannot be used
    probe: Callable[[], None]  # writes something small; raises when nothing can be written
    max_bytes: int = 1024 * 1024


class Receiver:
    """`routes` may stand in any application whose lifespan runs `open`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._desk: HookDesk | None = None
        self._readiness: Readiness | None = None
        self.tally = Tally(parts.clock)

    @property
    def routes(self) -> Sequence[BaseRoute]:
        return (
            Route("/hooks/{source}", _Endpoint(self._hook), methods=["POST"]),
            Route("/healthz", healthz, methods=["GET"]),
            Route("/readyz", self._readyz, methods=["GET"]),
        )

    def before(self, app: ASGIApp) -> ASGIApp:
        """`app` with its hooks taken out before its routing, which costs nearly as much as proving one."""
        others = AsSaid(app)

        async def front(scope: Scope, receive: Receive, send: Send) -> None:
            is_hook = scope["type"] == "http" and scope["method"] == "POST" and _HOOK.fullmatch(scope["path"])
            await (self._hook if is_hook else others)(scope, receive, send)

        return front

    def application(self) -> ASGIApp:
        """The receiver alone."""

        @asynccontextmanager
        async def lifespan(_: Starlette) -> AsyncIterator[None]:
            async with self.open():
                yield

        alone = Starlette(routes=list(self.routes), lifespan=lifespan)
        alone.router.redirect_slashes = False  # What is not here is not here, and nobody is told of what is.
        return self.before(alone)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """On the event loop that serves; at its end everything taken in is stored."""
        parts = self._parts
        inbox = Inbox(partial(accept.store, parts.db), parts.bell.ring)
        rejections = Rejections(partial(accept.turn_away, parts.db), parts.clock)
        keeper = Doorkeeper(parts.doors, parts.clock)
        desk = self._desk = HookDesk(keeper, inbox, rejections, self.tally, parts.clock, parts.max_bytes)
        self._readiness = Readiness(
            parts.check, parts.probe, lambda: inbox.has_failed or parts.db.trouble is not None, parts.clock
        )
        try:
            yield
        finally:
            await inbox.close()
            await rejections.close()
            desk.close()
            self.tally.close()

    async def _hook(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._desk is None:
            response = Response(status_code=503)
        else:
            response = await self._desk.take(scope["path"].rpartition("/")[2], scope, receive)
        await response(scope, receive, send)

    async def _readyz(self, request: Request) -> Response:
        if self._readiness is None:
            return Response(status_code=503)
        return await self._readiness.readyz(request)


def create(parts: Parts) -> ASGIApp:
    return Receiver(parts).application()
