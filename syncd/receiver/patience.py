"""One deadline for each of many requests, kept by one timer: asyncio.timeout would make a timer for every one of them."""

from __future__ import annotations

import asyncio
from types import TracebackType


class Patience:
    """`async with` it, one block for each task at a time; TimeoutError is raised out of one that takes too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._until: dict[asyncio.Task[object], float] = {}  # in the order they began, which is that of their ends
        self._over: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        self._until[self._task()] = self._loop.time() + self._seconds
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task = self._task()
        self._until.pop(task, None)
        if task in self._over:
            self._over.discard(task)
            # Somebody else may have cancelled it too, and then it is theirs.
            if task.uncancel() == 0 and kind is asyncio.CancelledError:
                raise TimeoutError from error

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        now = self._loop.time()
        self._timer = None
        for task, until in list(self._until.items()):
            if until > now:
                self._timer = self._loop.call_later(until - now, self._look)
                return
            del self._until[task]
            self._over.add(task)
            task.cancel()

    def _task(self) -> asyncio.Task[object]:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Patience is for what runs in a task.")
        return task
