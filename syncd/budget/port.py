"""What a budget answers, whoever keeps it."""

from __future__ import annotations

from typing import Protocol

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane


class Budget(Protocol):
    def take(self, allowance: Allowance, lane: Lane, cost: int = 1) -> float:
        """0.0: they are yours, send them now. Else nothing was taken, and asking again makes sense after so many seconds.

        Not later than 3 s after those, or lower lanes come in between.
        """
        ...

    def room(self, allowance: Allowance, lane: Lane) -> int:
        """How many could be taken now. A glance: others may be quicker."""
        ...

    def learn(self, allowance: Allowance, limit: int, remaining: int, reset_s: float) -> None:
        """What an answer's headers said. It can only make a budget smaller: somebody else uses the same credential."""
        ...

    def exhausted(self, allowance: Allowance, reset_s: float) -> None:
        """After a 429: nothing in any lane until then, and then one at a time, the highest lane first."""
        ...

    def close(self) -> None: ...
