"""How recent what was collected is, and what became of each time it was due. Judged here, and read from the store elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from syncd.evidence.facts.dataset import Lack, Missing, Name
from syncd.evidence.spans import Span

_SLACK = 4  # a fourth of its interval it may take until a collecting that is due has come to its end


class State(StrEnum):
    ON_TIME = "on_time"
    LATE = "late"  # it is older than its interval, and still counts
    STALE = "stale"  # it is older than twice that: nothing passes by it any more
    NEVER = "never"
    REFUSED = (
        "refused"  # however recently it was asked for, it was not given: the key may not read it, or the plan has none
    )
    FAILED = "failed"  # likewise: there was no answer that can be read


_GIVEN_NO = frozenset({Lack.SCOPE, Lack.PERMISSION, Lack.PLAN})
_CAME_TO_NOTHING = frozenset({Lack.FAILED, Lack.UNREADABLE, Lack.NOT_GIVEN})


@dataclass(frozen=True, slots=True)
class Freshness:
    """Of one dataset of an account."""

    dataset: Name
    state: State
    every: timedelta
    collected_at: datetime | None = None  # how the account was then is known
    next_at: datetime | None = None
    why: str = ""  # a sentence: what was not read of it, or why it waits
    requests: int = 0  # of the last collecting
    known_since: datetime | None = None  # when it was first collected: before that nothing is known
    unfinished_since: datetime | None = None  # one is under way, or was left behind
    unfinished: str = ""  # a sentence: how far it is, and who goes on


@dataclass(frozen=True, slots=True)
class Ended:
    """A collecting that was due. One that has not ended is still to come."""

    due_at: datetime
    ended_at: datetime | None


Outcome = Literal["done", "late", "missing"]


@dataclass(frozen=True, slots=True)
class DueCollection:
    dataset: Name
    due_at: datetime
    state: Outcome
    ended_at: datetime | None = None


def state_of(collected_at: datetime | None, every: timedelta, at: datetime, missing: Iterable[Missing] = ()) -> State:
    """It may take a while from when it is due until it has been collected. `missing`: what was not read of it by then."""
    if collected_at is None:
        return State.NEVER
    of_all = {one.why for one in missing if not one.part}
    if of_all & _GIVEN_NO:
        return State.REFUSED
    if of_all & _CAME_TO_NOTHING:
        return State.FAILED
    late, stale = flips(collected_at, every)
    if at <= late:
        return State.ON_TIME
    return State.LATE if at <= stale else State.STALE


def flips(collected_at: datetime, every: timedelta) -> tuple[datetime, datetime]:
    """When it is late, and when it is stale."""
    return collected_at + every + every / _SLACK, collected_at + 2 * every


def due_within(
    name: Name, every: timedelta, first: datetime | None, ended: Iterable[Ended], window: Span, at: datetime
) -> Iterator[DueCollection]:
    """Each time within the window that it was due: by its interval from the first time on, whether anybody was there to collect it or
    not. One that has only just come is left out.
    """
    if first is None:
        return
    known = {one.due_at: one.ended_at for one in ended}
    passed = max(0, -((first - window.start) // every))
    due = first + passed * every
    while due < window.end and due <= at:
        ended_at = known.get(due)
        if ended_at is not None and ended_at > at:
            ended_at = None
        outcome = _outcome(due, every, ended_at, at, is_begun=due in known)
        if outcome is not None:
            yield DueCollection(name, due, outcome, ended_at)
        due += every


def _outcome(
    due: datetime, every: timedelta, ended_at: datetime | None, at: datetime, *, is_begun: bool
) -> Outcome | None:
    if ended_at is not None:
        return "done" if ended_at <= due + every else "late"
    if at <= due + every / _SLACK:
        return None
    return "late" if is_begun or at <= due + every else "missing"
