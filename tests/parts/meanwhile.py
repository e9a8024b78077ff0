"""A clock that lets somebody else act between the first question of a setup and its first answer."""

from __future__ import annotations

from collections.abc import Callable

from syncd.clock import Clock


class Meanwhile(Clock):
    def __init__(self, act: Callable[[], object]) -> None:
        self._act = [act]

    def monotonic(self) -> float:
        if self._act:
            self._act.pop()()
        return super().monotonic()
