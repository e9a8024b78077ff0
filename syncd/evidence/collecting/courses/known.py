"""What is known of an account's incidents when their collecting begins, and what becomes known by it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from syncd.evidence.facts.incidents import Incident
from syncd.evidence.spans import Span, Spans

SETTLES_AFTER = timedelta(hours=24)  # of being resolved and unchanged; notes are written the day after

GIVEN_UP_AFTER = timedelta(days=60)  # of a log that cannot be read: by then nothing is judged by it any more


@dataclass(frozen=True, slots=True)
class Known:
    """An incident as it was found."""

    incident: Incident  # with its log, where that was read
    stamp: str  # when it changed last, as PagerDuty says it
    log_stamp: str = ""  # the same, when its log was read; empty: it was not
    log_until: datetime | None = None  # its log is known up to then
    is_gone: bool = False  # PagerDuty shows it no more

    @property
    def id(self) -> str:
        return self.incident.id

    @property
    def needs_log(self) -> bool:
        """One that was merged is told with the one it was merged into."""
        return not (self.incident.is_merged or self.is_gone) and self.log_stamp != self.stamp

    @property
    def is_open(self) -> bool:
        return not (self.incident.is_resolved or self.is_gone)

    def is_settled(self, at: datetime) -> bool:
        """Resolved and unchanged for long: it is read again only where it shows up among those that are open."""
        if self.is_open or self.is_gone:
            return self.is_gone
        changed = moment_of(self.stamp) or self.incident.created_at
        return changed <= at - (GIVEN_UP_AFTER if self.needs_log else SETTLES_AFTER)


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier collectings have left. `find` and `begun` answer the same whenever they are asked."""

    covers: Spans = ()  # in which times every incident that began then was listed
    unsettled: Mapping[str, Known] = field(default_factory=dict)
    begun: Sequence[datetime] = ()  # of those that began since the first of the unsettled ones
    find: Callable[[set[str]], Mapping[str, Known]] = lambda _: {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be collected: incidents that began in `window`, and all that are open."""

    window: Span  # whole seconds
    before: Before = field(default_factory=Before)
    strategy: str = "auto"


def moment_of(stamp: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def listed_again_from(stale: Sequence[datetime], begun: Sequence[datetime], page: int) -> tuple[datetime | None, int]:
    """How those that may have changed are read with the fewest requests: the list of all from this moment on, and so many of the
    oldest one by one. Both in their order; `begun` are all that are known, the stale ones among them.
    """
    best: tuple[datetime | None, int] = (None, len(stale))
    least = len(stale)
    for number, since in enumerate(stale):
        listed = len(begun) - bisect_left(begun, since)
        cost = number + -(-listed // page)
        if cost < least:
            best, least = (since, number), cost
    return best
