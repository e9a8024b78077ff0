"""The audit rows of hooks that were turned away: up to a rate one each, then one for many, so that a flood fills no disk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from syncd.clock import Clock
from syncd.errors import Unavailable
from syncd.flow.accept import Door

MOST = 60  # rows a minute in one process
_MINUTE = 60.0


class Write(Protocol):
    def __call__(self, door: Door, detail: str, *, names_ours: bool, ago: timedelta) -> None: ...


@dataclass(slots=True)
class _Uncounted:
    door: Door
    count: int = 0
    last: float = 0.0  # when the last of them came, and not when its row is written


class Rejections:
    def __init__(self, write: Write, clock: Clock) -> None:
        self._write, self._clock = write, clock
        self._minute_ends = 0.0
        self._rows = 0
        self._uncounted: dict[tuple[str, bool], _Uncounted] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None

    async def record(self, door: Door, detail: str, *, names_ours: bool = False) -> None:
        now = self._clock.monotonic()
        if now >= self._minute_ends:
            await self._begin_minute()
        if self._rows >= MOST:
            self._count(_Uncounted(door, 1, now), names_ours=names_ours)
            if self._timer is None:
                # A flood that ends is told of too, without waiting for the next one.
                self._timer = asyncio.get_running_loop().call_later(_MINUTE, self._minute_is_over)
            return
        self._rows += 1
        await self._add(_Uncounted(door, 1, now), detail, names_ours=names_ours)

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

    def _count(self, more: _Uncounted, *, names_ours: bool) -> None:
        """Those of a stranger's flood hide none that PagerDuty sent."""
        there = self._uncounted.setdefault((more.door.slug, names_ours), _Uncounted(more.door))
        there.count += more.count
        there.last = max(there.last, more.last)

    def _minute_is_over(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._settle())

    async def _settle(self) -> None:
        uncounted, self._uncounted = self._uncounted, {}
        for (_, names_ours), one in uncounted.items():
            await self._add(one, f"{one.count} more were turned away like the last one.", names_ours=names_ours)

    async def _add(self, one: _Uncounted, detail: str, *, names_ours: bool) -> None:
        ago = timedelta(seconds=self._clock.monotonic() - one.last)
        try:
            await asyncio.to_thread(self._write, one.door, detail, names_ours=names_ours, ago=ago)
        except Unavailable:
            # The answer is due now; the row follows when the database is back.
            self._count(one, names_ours=names_ours)
