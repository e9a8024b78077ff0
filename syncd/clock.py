"""The only place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards, for deadlines."""
        return time.monotonic()


class StoppedClock(Clock):
    """A clock that moves only when somebody moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def forward(self, by: timedelta | float) -> None:
        self.at += by if isinstance(by, timedelta) else timedelta(seconds=by)
