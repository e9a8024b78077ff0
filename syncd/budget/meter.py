"""How much of one allowance is used up, in one process. `meter.lua` is the same for all of them; a test holds the two together.

It is GCRA with one debt for all lanes: a lane is let through while the debt is within its depth, so under pressure, when the
debt stays high, only the higher lanes are. The debt is a duration and not a point in time, because a server's clock that is
set back would otherwise close the budget for as long as it was set back by.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from syncd.budget.allowance import Allowance
from syncd.budget.lane import Lane
from syncd.budget.word import Word

_SECOND_US = 1_000_000
_LONGEST_S = 86_400  # nobody means a longer wait


@dataclass(slots=True)
class Meter:
    at: int  # microseconds of some clock
    debt: int = 0  # microseconds until all that was taken is earned back
    own: Word = field(default_factory=Word)  # of the limit itself
    tight: Word = field(default_factory=Word)  # of one below it: some operation's, as PagerDuty names the tightest

    def age(self, now: int) -> None:
        passed = max(0, now - self.at)
        self.debt = max(0, self.debt - passed)
        self.own.age(passed)
        self.tight.age(passed)
        self.at = now

    def take(self, allowance: Allowance, lane: Lane, cost: int) -> int:
        """Microseconds to wait. A take that is larger than its lane's depth goes when nothing is owed."""
        depth, kept = allowance.depth(lane), allowance.kept(lane)
        wait = max(0, self.debt - (depth - min(cost, depth)) * allowance.pace_us)
        for word in (self.own, self.tight):
            if word.spared(kept, allowance.limit) < cost:
                wait = max(wait, word.span)
        if not wait:
            self.debt += cost * allowance.pace_us
            self.own.left -= cost  # Which operation it is for is not known here, so only answers count the other down.
        return wait

    def room(self, allowance: Allowance, lane: Lane) -> int:
        room = allowance.depth(lane) - -(-self.debt // allowance.pace_us)
        for word in (self.own, self.tight):
            if word.span:
                room = min(room, word.spared(allowance.kept(lane), allowance.limit))
        return max(0, room)

    def learn(self, allowance: Allowance, limit: int, remaining: int, reset_us: int) -> None:
        word = self.tight if limit < allowance.limit else self.own
        word.hear(limit, remaining, reset_us)

    def exhaust(self, allowance: Allowance, reset_us: int) -> None:
        self.debt = max(self.debt, reset_us + allowance.burst * allowance.pace_us)


def until_us(reset_s: float) -> int:
    """A far side tells whole seconds and not which way it rounded, so a second more is waited."""
    return round(min(max(reset_s, 0.0), _LONGEST_S) * _SECOND_US) + _SECOND_US
