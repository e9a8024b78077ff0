"""The only place that asks what time it is."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

#: A frozen machine must find its deadlines gone by when it wakes. Elsewhere than on Linux the usual clock mostly does so.
_AWAKE_OR_NOT: int | None = getattr(time, "CLOCK_BOOTTIME", None)


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards, for deadlines. Where that can be had they go on while the machine sleeps."""
        return time.clock_gettime(_AWAKE_OR_NOT) if _AWAKE_OR_NOT is not None else time.monotonic()


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
