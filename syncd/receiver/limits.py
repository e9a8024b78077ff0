"""How much of a request is read, and how often the same kind of trouble is spoken of. What arrives when is protocol's."""

from __future__ import annotations

from collections import Counter

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
    """Counts events by their static name; each is logged at once, and then at most once a minute with its number."""

    def __init__(self, clock: Clock, every: float = 60.0) -> None:
        self.total: Counter[str] = Counter()
        self._clock, self._every = clock, every
        self._unsaid: Counter[str] = Counter()
        self._quiet_until: dict[str, float] = {}

    def count(self, event: str, **facts: object) -> None:
        """`facts` are those of the one that is logged."""
        self.total[event] += 1
        self._unsaid[event] += 1
        now = self._clock.monotonic()
        if now >= self._quiet_until.get(event, now):
            self._quiet_until[event] = now + self._every
            log.warning(event, count=self._unsaid.pop(event), **facts)

    def close(self) -> None:
        for event, count in self._unsaid.items():
            log.warning(event, count=count)
        self._unsaid.clear()
