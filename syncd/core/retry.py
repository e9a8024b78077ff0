"""When to try again, and what an error means for an errand. A table and two functions; the jitter and the time come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd import errors

from .lifecycle import ErrandState
from .reasons import Outcome, Reason

#: The wait before attempt 2, 3, ... is drawn between nothing and this; the last one goes on for ever.
CAPS = tuple(timedelta(seconds=s) for s in (2, 10, 60, 300, 900, 1800, 3600))
BEGINS_WITHIN = timedelta(seconds=2)  # of its claim; an attempt that got no lane by then is given back
LATE_AT_MOST = timedelta(seconds=30 + 1)  # a write that was sent and not answered may still land for so long
TRIES_FOR = timedelta(seconds=10)  # everything that one attempt does over there
#: Counted from the claim: the wait for a lane, the attempt itself, and the time for which a write may still land.
LANDS_WITHIN = BEGINS_WITHIN + TRIES_FOR + LATE_AT_MOST
LIMITED_AT_MOST = timedelta(seconds=30)  # the wait after a 429 that names no pause, or a short one
LEASE = timedelta(seconds=35)


@dataclass(frozen=True, slots=True)
class Verdict:
    state: ErrandState
    outcome: Outcome
    reason: Reason
    next_at: datetime | None = None
    is_doubtful: bool = False  # the next attempt looks before it writes


def backoff(attempt: int, now: datetime, jitter: float) -> datetime:
    """`attempt` is the one that just failed; `jitter` is drawn from [0, 1)."""
    return now + CAPS[min(attempt, len(CAPS)) - 1] * jitter


def after_error(error: errors.SideError, *, attempt: int, begun_at: datetime, now: datetime, jitter: float) -> Verdict:
    again = backoff(attempt, now, jitter)
    match error:
        case errors.Ambiguous():
            again = max(again, begun_at + LANDS_WITHIN)
            return Verdict(ErrandState.WAITING, Outcome.RETRYING, Reason.AMBIGUOUS, again, is_doubtful=True)
        case errors.RateLimited():
            # How often it was turned away says nothing about when there is room again: they say that themselves.
            again = now + max(timedelta(seconds=error.retry_after), min(again - now, LIMITED_AT_MOST))
            return Verdict(ErrandState.WAITING, Outcome.RETRYING, Reason.RATE_LIMITED, again)
        case errors.Postponed():
            return Verdict(ErrandState.WAITING, Outcome.RETRYING, Reason(error.reason), again)
        case errors.Unauthorised():
            return Verdict(ErrandState.HELD, Outcome.HELD, Reason.DISCONNECTED)
        case errors.Refused():
            return Verdict(ErrandState.DEAD, Outcome.FAILED, Reason(error.reason))
        case errors.OffLimits():
            return Verdict(ErrandState.WAITING, Outcome.RETRYING, Reason.OFF_LIMITS, again)
        case _:
            return Verdict(ErrandState.WAITING, Outcome.RETRYING, Reason.UNREACHABLE, again)
