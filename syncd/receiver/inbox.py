"""The group writer: what has gathered is stored in one transaction, and everybody is answered after it. No SQL in here.

Called from the event loop; writes in a thread of its own.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from syncd.errors import Unavailable
from syncd.flow.accept import Taken

GROUP = 64
_MOST_WAITING = 1024
_MOST_BYTES = 64 * 1024 * 1024

Outcome = int | None | BaseException  # the arrival's id, None for a repeat, or why it is not stored


@dataclass(frozen=True, slots=True)
class _Waiting:
    taken: Taken
    answer: asyncio.Future[int | None]


class Inbox:
    """Made on the event loop that will call it."""

    def __init__(
        self, store: Callable[[Sequence[Taken]], Sequence[int | None]], ring: Callable[[Iterable[int]], None]
    ) -> None:
        self._store, self._ring = store, ring
        self._loop = asyncio.get_running_loop()
        self._gathered: list[_Waiting] = []
        self._is_writing = False
        self._waiting = self._bytes = 0
        self._is_closed = False
        self.has_failed = False  # The last that was to be stored was not, for want of a database.
        self._idle = asyncio.Event()
        self._idle.set()
        self._groups: queue.SimpleQueue[list[_Waiting]] = queue.SimpleQueue()  # an empty one is the last
        self._thread = threading.Thread(target=self._run, name="inbox", daemon=True)
        self._thread.start()

    async def put(self, taken: Taken) -> int | None:
        """Committed when this returns: the arrival's id, or None when its event was here before. Raises Unavailable."""
        size = len(taken.arrival.body)
        if self._is_closed or self._waiting >= _MOST_WAITING or self._bytes + size > _MOST_BYTES:
            raise Unavailable("More hooks are waiting to be stored than fit in; they are welcome again in a moment.")
        answer: asyncio.Future[int | None] = self._loop.create_future()
        self._waiting += 1
        self._bytes += size
        self._gathered.append(_Waiting(taken, answer))
        if not self._is_writing:
            self._is_writing = True
            self._idle.clear()
            self._loop.call_soon(self._gather)
        return await answer

    async def close(self) -> None:
        """What was taken in is stored first."""
        self._is_closed = True
        await self._idle.wait()
        self._groups.put([])
        await asyncio.to_thread(self._thread.join)

    def _gather(self, so_far: int = 0) -> None:
        """As long as every turn of the loop brings another hook, the group grows: large ones cost half as much a hook."""
        count = len(self._gathered)
        if so_far < count < GROUP:
            self._loop.call_soon(self._gather, count)
        elif count:
            group, self._gathered = self._gathered[:GROUP], self._gathered[GROUP:]
            self._groups.put(group)
        else:
            self._is_writing = False
            self._idle.set()

    def _run(self) -> None:
        while group := self._groups.get():
            self._settle(group)

    def _settle(self, group: list[_Waiting]) -> None:
        outcomes = self._stored(group)
        self.has_failed = isinstance(outcomes[-1], Unavailable)
        self._loop.call_soon_threadsafe(self._answer, group, outcomes)
        new = {
            one.taken.arrival.shard for one, outcome in zip(group, outcomes, strict=True) if isinstance(outcome, int)
        }
        if new:
            self._ring(new)

    def _stored(self, group: list[_Waiting]) -> list[Outcome]:
        """Of a group that fails, each is tried alone: one bad row is nobody else's trouble."""
        try:
            return list(self._store([one.taken for one in group]))
        except Unavailable as error:
            return [error] * len(group)
        except Exception as error:  # noqa: BLE001  It is handed to the request that waits; this thread must outlive it.
            return [error] if len(group) == 1 else [self._stored([one])[0] for one in group]

    def _answer(self, group: list[_Waiting], outcomes: list[Outcome]) -> None:
        self._gather()
        for one, outcome in zip(group, outcomes, strict=True):
            self._waiting -= 1
            self._bytes -= len(one.taken.arrival.body)
            if one.answer.done():
                continue  # Its sender has gone; what it sent is stored all the same.
            if isinstance(outcome, BaseException):
                one.answer.set_exception(outcome)
            else:
                one.answer.set_result(outcome)
