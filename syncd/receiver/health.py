"""/healthz: this process answers. /readyz: it could store a hook. Neither asks about the broker, which hooks do not need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from syncd.clock import Clock
from syncd.errors import SyncdError

_BELIEVED = 1.0  # seconds, so that asking often costs the database nothing


async def healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n")


class Readiness:
    """`check` raises when the database cannot be used or its schema is older than this release."""

    def __init__(self, check: Callable[[], None], clock: Clock) -> None:
        self._check, self._clock = check, clock
        self._lock = asyncio.Lock()
        self._until = 0.0
        self._is_ready = False

    async def readyz(self, _: Request) -> Response:
        async with self._lock:
            if self._clock.monotonic() >= self._until:
                self._is_ready = await asyncio.to_thread(self._looks_ready)
                self._until = self._clock.monotonic() + _BELIEVED
        # Why not is for the log and `syncd status`: anybody may ask here.
        return PlainTextResponse("ok\n") if self._is_ready else PlainTextResponse("not ready\n", 503)

    def _looks_ready(self) -> bool:
        try:
            self._check()
        except SyncdError:
            return False
        return True
