"""What happens at a later time: writes that land late, snoozes that run out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Act = Callable[[], None]


@dataclass(slots=True)
class Later:
    waiting: list[tuple[datetime, Act]] = field(default_factory=list)

    def add(self, due: datetime, act: Act) -> None:
        self.waiting.append((due, act))

    def next_due(self) -> datetime | None:
        return min((due for due, _ in self.waiting), default=None)

    def run(self, now: datetime) -> None:
        """Everything that is due, oldest first."""
        due = [item for item in self.waiting if item[0] <= now]
        self.waiting = [item for item in self.waiting if item[0] > now]
        for _, act in sorted(due, key=lambda item: item[0]):
            act()
