"""What one credential may spend. Every number of this room follows from its one limit.

Four fifths of the limit go out at a steady pace and a sixth of it is the burst. The thirtieth that is left over, 2.5 s at the
pace, is for requests that arrive closer together than they were taken: no minute at the far side holds more than the limit.

A small limit goes out in a burst that is large enough for every call, and the steady pace takes what that leaves.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from syncd.budget.lane import Lane

PAGERDUTY_LIMIT = 960  # requests a minute for each key, by its documentation
EVENTS_LIMIT = 120  # events a minute for each integration key: about so many
MINUTE_US = 60_000_000
#: A doubtful closing note costs three requests and is sent in the second lane, a look costs two in the third. Of four quarters of
#: this each lane reaches just as many as its dearest call, and so none waits for what never comes.
SMALLEST_BURST = 4


@dataclass(frozen=True, slots=True)
class Allowance:
    key: str  # the integration's slug; it becomes a name in Redis, so never the credential
    limit: int = PAGERDUTY_LIMIT  # requests in any minute; below four it is kept on average

    def __post_init__(self) -> None:
        if self.limit < 1:
            raise ValueError(f"{self.key} may send {self.limit} requests a minute; it must be at least 1.")

    @property
    def burst(self) -> int:
        """Requests that may go out at once after a rest."""
        return max(SMALLEST_BURST, self.limit // 6)

    @property
    def pace_us(self) -> int:
        """Microseconds in which one request is earned back. Rounded up: rather one too few than one too many."""
        steady = min(self.limit * 4 // 5, self.limit - self.burst)
        return -(-MINUTE_US // steady) if steady > 0 else MINUTE_US + 1

    def depth(self, lane: Lane) -> int:
        """How many requests of the burst this lane may use."""
        return self.burst * lane // Lane.STATUS

    def kept(self, lane: Lane) -> int:
        """What this lane leaves of the burst to those above it, and of whatever the far side says is left."""
        return self.burst - self.depth(lane)

    def check(self, cost: int) -> None:
        if not 1 <= cost <= self.burst:
            raise ValueError(f"One take of {self.key} costs {cost} requests; it can be from 1 to {self.burst}.")

    def share(self, processes: int) -> Allowance:
        """For one of several processes that cannot ask each other. Below one request a minute nothing would ever move."""
        return replace(self, limit=max(1, self.limit // processes))
