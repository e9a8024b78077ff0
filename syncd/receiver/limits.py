"""How much of a request is read, and how often the same kind of trouble is spoken of. What arrives when is protocol's."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from syncd.clock import Clock

log = structlog.stdlib.get_logger(__name__)


async def body_of(announced: str, receive: Receive, most: int) -> bytes | None:
    """None when it is larger, found out before anything is read where the sender announced it."""
    if announced.isdecimal() and int(announced[:20]) > most:
        return None
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


class Tally:
    """Counts events by their static name; each is logged at once, and then at most once a minute with its number.

    On an event loop the number of a flood that has ended is told, too, without waiting for the next one.
    """

    def __init__(self, clock: Clock, every: float = 60.0) -> None:
        self.total: Counter[str] = Counter()
        self._clock, self._every = clock, every
        self._unsaid: Counter[str] = Counter()
        self._quiet_until: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def count(self, event: str, **facts: object) -> None:
        """`facts` are those of the one that is logged."""
        self.total[event] += 1
        self._unsaid[event] += 1
        now = self._clock.monotonic()
        if now >= self._quiet_until.get(event, now):
            self._quiet_until[event] = now + self._every
            log.warning(event, count=self._unsaid.pop(event), **facts)
        elif self._timer is None:
            self._set_timer()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._say_the_rest()

    def _set_timer(self) -> None:
        with suppress(RuntimeError):  # No loop runs here: then the next one tells, or the end.
            self._timer = asyncio.get_running_loop().call_later(self._every, self._say_the_rest)

    def _say_the_rest(self) -> None:
        self._timer = None
        for event, count in self._unsaid.items():
            self._quiet_until[event] = self._clock.monotonic() + self._every
            log.warning(event, count=count)
        self._unsaid.clear()
