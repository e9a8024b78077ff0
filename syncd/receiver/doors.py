"""The doors that requests on the event loop ask for: remembered for seconds, looked up in a thread, once for all who wait."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from syncd.clock import Clock
from syncd.errors import NotFound, SyncdError, Unavailable
from syncd.flow.accept import Door, Doors

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_REMEMBERED = 5.0  # so long a withdrawn secret may still be believed
_STRANGERS = 2  # look-ups of sources never heard of that may run at once


@dataclass(slots=True, weakref_slot=True)
class _Line:
    """Those who wait for the same door."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    begun: int = 0  # look-ups
    found: Door | SyncdError | None = None


class Doorkeeper:
    def __init__(self, doors: Doors, clock: Clock) -> None:
        self._doors, self._clock = doors, clock
        self._known: dict[str, tuple[Door, float]] = {}
        # A line lives as long as somebody stands in it: made-up names leave nothing behind.
        self._lines: WeakValueDictionary[str, _Line] = WeakValueDictionary()
        self._strangers = asyncio.Semaphore(_STRANGERS)

    async def door(self, source: str) -> Door:
        known = self._known.get(source)
        if known is not None and self._clock.monotonic() < known[1]:
            return known[0]
        if not _SLUG.fullmatch(source):
            raise NotFound(
                "No source has a name like this; it is the last part of the address that was given to the sender."
            )
        return await self.again(source)

    async def again(self, source: str) -> Door:
        """As it is now: a look-up that begins after this call."""
        found = await self._found(source)
        if isinstance(found, SyncdError):
            try:
                raise found
            finally:
                del found  # Else the error and this frame would keep each other.
        return found

    async def _found(self, source: str) -> Door | SyncdError:
        line = self._lines.setdefault(source, _Line())
        turn = line.begun
        async with line.lock:
            if line.begun == turn:
                line.begun += 1
                line.found = await self._looked_up(source)
            return line.found or Unavailable(f"Source {source!r} could not be looked up; the log says why.")

    async def _looked_up(self, source: str) -> Door | SyncdError:
        try:
            if source in self._known:
                door = await asyncio.to_thread(self._doors.refresh, source)
            else:
                async with self._strangers:
                    door = await asyncio.to_thread(self._doors.refresh, source)
        except SyncdError as error:
            self._known.pop(source, None)
            return error
        self._known[source] = (door, self._clock.monotonic() + _REMEMBERED)
        return door
