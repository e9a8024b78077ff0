"""/healthz: this process answers. /readyz: it could store a hook. Neither asks about the broker, which hooks do not need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from syncd.clock import Clock
from syncd.errors import DiskFull, SyncdError, TakesNoWrites

log = structlog.stdlib.get_logger(__name__)

_BELIEVED = 1.0  # seconds, so that asking often costs the database nothing


async def healthz(_: Request) -> Response:
    return PlainTextResponse("ok\n")


class Readiness:
    """`check` raises when the database cannot be used or its schema is older than this release.

    `probe` writes something small, and raises when that is not possible. It is asked only while `has_failed` says that a
    hook, or anything else, could not be stored: a full disk is read from as ever, and so is a standby.
    """

    def __init__(
        self, check: Callable[[], None], probe: Callable[[], None], has_failed: Callable[[], bool], clock: Clock
    ) -> None:
        self._check, self._probe, self._has_failed, self._clock = check, probe, has_failed, clock
        self._lock = asyncio.Lock()
        self._until = 0.0
        self._trouble: SyncdError | None = None

    async def readyz(self, _: Request) -> Response:
        async with self._lock:
            if self._clock.monotonic() >= self._until:
                self._tell(await asyncio.to_thread(self._found))
                self._until = self._clock.monotonic() + _BELIEVED
        return PlainTextResponse("ok\n") if self._trouble is None else PlainTextResponse(_said(self._trouble), 503)

    def _found(self) -> SyncdError | None:
        try:
            self._check()
            if self._has_failed():
                self._probe()
        except SyncdError as error:
            return error
        return None

    def _tell(self, trouble: SyncdError | None) -> None:
        """Once when it begins and once when it is over."""
        if trouble is not None and self._trouble is None:
            log.warning("receiver.not_ready", reason=str(trouble))
        if trouble is None and self._trouble is not None:
            log.info("receiver.ready_again")
        self._trouble = trouble


def _said(trouble: SyncdError) -> str:
    """Anybody may ask here: the address of a database is for the log and `syncd status`."""
    if isinstance(trouble, DiskFull):
        return "not ready: the disk of the database is full; free some space, and it goes on by itself.\n"
    if isinstance(trouble, TakesNoWrites):
        return "not ready: the database takes no writes, it is read-only; make it writable, and it goes on by itself.\n"
    return "not ready\n"
