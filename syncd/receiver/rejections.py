"""The audit rows of hooks that were turned away: up to a rate one each, then one for many, so that a flood fills no disk."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from syncd.clock import Clock
from syncd.errors import Unavailable
from syncd.flow.accept import Door

MOST = 60  # rows a minute in one process
_MINUTE = 60.0


class Rejections:
    def __init__(self, write: Callable[[Door, str], None], clock: Clock) -> None:
        self._write, self._clock = write, clock
        self._minute_ends = 0.0
        self._rows = 0
        self._uncounted: Counter[str] = Counter()
        self._doors: dict[str, Door] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def record(self, door: Door, detail: str) -> None:
        if self._clock.monotonic() >= self._minute_ends:
            await self._begin_minute()
        if self._rows >= MOST:
            self._count(door)
            return
        self._rows += 1
        await self._add(door, detail, 1)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await self._task
        await self._settle()

    async def _begin_minute(self) -> None:
        self._minute_ends = self._clock.monotonic() + _MINUTE
        self._rows = 0
        await self._settle()

    def _count(self, door: Door) -> None:
        self._uncounted[door.slug] += 1
        self._doors[door.slug] = door
        if self._timer is None:
            # A flood that ends is told of too, without waiting for the next one.
            self._timer = asyncio.get_running_loop().call_later(_MINUTE, self._minute_is_over)

    def _minute_is_over(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        uncounted, self._uncounted = self._uncounted, Counter()
        for slug, count in uncounted.items():
            await self._add(self._doors[slug], f"{count} more were turned away like the last one.", count)

    async def _add(self, door: Door, detail: str, count: int) -> None:
        try:
            await asyncio.to_thread(self._write, door, detail)
        except Unavailable:
            # The answer is due now; the row follows when the database is back.
            self._uncounted[door.slug] += count
            self._doors[door.slug] = door
