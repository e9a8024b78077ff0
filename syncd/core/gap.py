"""What a restored backup does not know: the time between its making and its being restored. What was done then still stands
on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .errand import Draft, ErrandKind
from .retry import LANDS_WITHIN

CLOCKS_APART = timedelta(minutes=2)  # theirs and ours, at most
#: A field is read before it is written anyway, and to show an address twice changes nothing.
LOOKED_FOR = (ErrandKind.OPEN, ErrandKind.NOTE, ErrandKind.CLOSING_NOTE)


@dataclass(frozen=True, slots=True)
class Gap:
    """Of one account. `is_read`: all that changed there has been read again."""

    since: datetime
    until: datetime
    is_read: bool = False

    @property
    def landed_at(self) -> datetime:
        """By now whatever was under way when the backup was restored has landed, or never will."""
        return self.until + LANDS_WITHIN

    def has(self, at: datetime | None) -> bool:
        """Whether something of this moment, by that account's clock, may have been forgotten."""
        return at is None or self.since - CLOCKS_APART <= at <= self.until + CLOCKS_APART

    def doubtful_until(self, draft: Draft) -> datetime | None:
        """It may have been done in the gap: then it is looked for first, and not before what was under way has landed.

        What has no time of its own, such as words in place of a refused write, may be as old as anything.
        """
        is_old = draft.occurred_at is None or draft.occurred_at <= self.until + CLOCKS_APART
        if draft.kind not in LOOKED_FOR or (self.is_read and not is_old):
            return None
        return self.landed_at
