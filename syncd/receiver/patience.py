"""One deadline for each of many requests, kept by one timer: asyncio.timeout would make a timer for every one of them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from types import TracebackType


class Patience:
    """`async with patience.of_this_task()`: TimeoutError is raised out of the block when it takes too long."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._until: dict[asyncio.Task[object], float] = {}  # in the order they began, which is that of their ends
        self._over: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def of_this_task(self) -> _Block:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("Patience is for what runs in a task.")
        return _Block(self, task)

    def begin(self, task: asyncio.Task[object]) -> None:
        self._until[task] = self._loop.time() + self._seconds
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def end(self, task: asyncio.Task[object]) -> bool:
        """Whether it was stopped here, and by nobody else: somebody may have cancelled it too, and then it is theirs."""
        self._until.pop(task, None)
        if task not in self._over:
            return False
        self._over.discard(task)
        return task.uncancel() == 0

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


@dataclass(frozen=True, slots=True)
class _Block:
    """Asked for its task once: that costs as much as a whole timer."""

    patience: Patience
    task: asyncio.Task[object]

    async def __aenter__(self) -> None:
        self.patience.begin(self.task)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.patience.end(self.task) and kind is asyncio.CancelledError:
            raise TimeoutError from error
