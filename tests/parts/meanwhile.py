"""A clock that lets somebody else act while a setup is under way: at its first question, or at the first one that `when` is true of."""

from __future__ import annotations

from collections.abc import Callable

from syncd.clock import Clock


class Meanwhile(Clock):
    def __init__(self, act: Callable[[], object], when: Callable[[], bool] = lambda: True) -> None:
        self._act, self._when = [act], when

    def monotonic(self) -> float:
        if self._act and self._when():
            self._act.pop()()
        return super().monotonic()
