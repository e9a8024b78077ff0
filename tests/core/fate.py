"""What can become of one step of an attempt, in the random histories."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from syncd import errors


class Fate(Enum):
    """What becomes of one step of an attempt."""

    FINE = "fine"
    UNREACHABLE = "unreachable"
    LIMITED = "limited"
    UNAUTHORISED = "unauthorised"
    REFUSED = "refused"
    LOST = "lost"  # no answer: never landed
    LANDED = "landed"  # no answer: landed
    LATE = "late"  # no answer: lands after everybody has given up
    CRASHED = "crashed"  # the worker is gone, and nothing was sent
    CRASHED_AFTER = "crashed after"  # ... and the write was made
    CRASHED_LATE = "crashed late"  # ... and the write lands later


BEFORE_SENDING: dict[Fate, Callable[[], errors.SideError]] = {
    Fate.UNREACHABLE: lambda: errors.Unreachable("nobody there"),
    Fate.LIMITED: lambda: errors.RateLimited("too many", retry_after=7),
    Fate.UNAUTHORISED: lambda: errors.Unauthorised("revoked"),
}
NO_ANSWER = {Fate.LOST, Fate.LANDED, Fate.LATE}
GONE = {Fate.CRASHED, Fate.CRASHED_AFTER, Fate.CRASHED_LATE}
