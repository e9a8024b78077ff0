"""How long an incident waited for a person, and how long it took to be resolved: from its log, and never from its last state.

The clock starts at the trigger, and its times are PagerDuty's own, in whole seconds. An acknowledgement counts if a person made
it; one by a program or by PagerDuty itself is told apart and stops no clock. An incident that was merged into another is left out, and
one whose log was not read is not known. Which of two clocks a resolve is measured by is a rule (`Clock`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil

from .facts.incidents import Actor, Entry, Incident, LogEntry
from .rules.values import Clock, Rules


class Measured(StrEnum):
    """Whether the times of an incident are known."""

    YES = "yes"
    MERGED = "merged"
    NO_LOG = "no_log"
    INCOMPLETE = "incomplete"  # the log lacks a trigger, or does not tell what the incident's state says
    UNCLEAR = "unclear"  # who acknowledged it first cannot be told


@dataclass(frozen=True, slots=True)
class Cycle:
    """From a trigger, or a reopening, to the resolve that ended it."""

    start: datetime
    end: datetime | None = None
    by: Actor | None = None  # whoever resolved it


@dataclass(frozen=True, slots=True)
class Times:
    """Of one incident. `waited` and `lasted` are also of those that nobody has acknowledged or resolved yet."""

    incident: Incident
    measured: Measured
    acknowledged: timedelta | None = None  # by a person, after the trigger or reopening before it; None: by nobody
    acknowledged_by: Actor | None = None  # whoever did so first, person or not
    resolved: timedelta | None = None  # by the rules' clock; None: it is open
    resolved_by: Actor | None = None
    reopened: int = 0
    waited: timedelta | None = None  # the longest wait until a person came, it was resolved, or now
    lasted: timedelta | None = None  # until its last resolve, or now

    @property
    def tells_acknowledging(self) -> bool:
        return self.measured is Measured.YES

    @property
    def tells_resolving(self) -> bool:
        return self.measured in {Measured.YES, Measured.UNCLEAR}


def times(incident: Incident, rules: Rules, at: datetime) -> Times:
    if incident.is_merged:
        return Times(incident, Measured.MERGED)
    if incident.log is None:
        return Times(incident, Measured.NO_LOG)
    log = [replace(one, actor=_actor(one, rules)) for one in incident.log]
    cycles = tuple(_cycles(log))
    acknowledged = [one for one in log if one.what is Entry.ACKNOWLEDGE]
    # PagerDuty's clock may be ahead of ours, and nothing takes less than no time.
    at = max([at, *(one.at for one in log)])
    if not cycles or not _agrees(incident, cycles[-1], acknowledged):
        return Times(incident, Measured.INCOMPLETE)
    resolved = _resolved(incident, cycles, rules, at)
    first = next((one for one in acknowledged if one.actor is Actor.PERSON), None)
    before = acknowledged if first is None else acknowledged[: acknowledged.index(first)]
    if any(one.actor is Actor.UNKNOWN for one in before):
        return resolved
    asked = [one for one in cycles if first is None or one.start <= first.at]
    return replace(
        resolved,
        measured=Measured.YES,
        acknowledged=None if first is None else first.at - asked[-1].start,
        acknowledged_by=acknowledged[0].actor if acknowledged else None,
        waited=max(min(one.end or at, first.at if first else at) - one.start for one in asked),
    )


def _agrees(incident: Incident, last: Cycle, acknowledged: list[LogEntry]) -> bool:
    """A log that does not lead to where the incident stands was cut, or is older."""
    if (last.end is not None) != incident.is_resolved:
        return False
    return incident.status != "acknowledged" or any(one.at >= last.start for one in acknowledged)


def _resolved(incident: Incident, cycles: tuple[Cycle, ...], rules: Rules, at: datetime) -> Times:
    """What is known also where nobody can tell who acknowledged."""
    last, lasted = cycles[-1], _length(cycles, rules.clock, at)
    return Times(
        incident=incident,
        measured=Measured.UNCLEAR,
        resolved=None if last.end is None else lasted,
        resolved_by=last.by,
        reopened=len(cycles) - 1,
        lasted=lasted,
    )


def _actor(entry: LogEntry, rules: Rules) -> Actor:
    if entry.user and entry.user in rules.programs:
        return Actor.API
    if rules.api_is_person and entry.actor is Actor.API and entry.user:
        return Actor.PERSON
    return entry.actor


def _cycles(log: Iterable[LogEntry]) -> Iterable[Cycle]:
    """Whatever gives a resolved incident a state again has reopened it: PagerDuty has no entry of its own for that."""
    start: datetime | None = None
    was_resolved = False
    for one in log:
        if one.what is Entry.OTHER:
            continue
        if one.what is Entry.RESOLVE:
            if start is not None:
                yield Cycle(start, one.at, one.actor)
                was_resolved = True
            start = None
        elif start is None and (was_resolved or one.what is Entry.TRIGGER):
            start = one.at
    if start is not None:
        yield Cycle(start)


def _length(cycles: tuple[Cycle, ...], clock: Clock, at: datetime) -> timedelta:
    if clock is Clock.OPEN:
        return sum(((one.end or at) - one.start for one in cycles), timedelta())
    return (cycles[-1].end or at) - cycles[0].start


@dataclass(frozen=True, slots=True)
class Spread:
    """Of some times: how many, and the smallest that half, nine in ten, and all of them are within."""

    count: int
    p50: timedelta | None = None
    p90: timedelta | None = None
    most: timedelta | None = None


def spread(values: Iterable[timedelta]) -> Spread:
    ordered = sorted(values)
    if not ordered:
        return Spread(0)
    return Spread(len(ordered), percentile(ordered, 50), percentile(ordered, 90), ordered[-1])


def percentile(ordered: list[timedelta], percent: int) -> timedelta:
    """The nearest rank: a time that really was, with at least so many of a hundred no longer."""
    return ordered[max(ceil(len(ordered) * percent / 100), 1) - 1]


@dataclass(frozen=True, slots=True)
class Group:
    """The incidents of one priority, service or team together."""

    key: str  # the priority's name, or an id; empty: incidents that have none
    incidents: int
    known: int  # of both kinds of times
    merged: int
    acknowledged: Spread
    resolved: Spread
    never_acknowledged: int  # by a person
    late_acknowledged: int  # after the target of their own priority, or still waiting when it had passed
    late_resolved: int


class By(StrEnum):
    PRIORITY = "priority"
    SERVICE = "service"
    TEAM = "team"


_KEYS: Mapping[By, Callable[[Incident], tuple[str, ...]]] = {
    By.PRIORITY: lambda one: (one.priority,),
    By.SERVICE: lambda one: (one.service,),
    By.TEAM: lambda one: one.teams or ("",),  # one of two teams is counted with both
}


def groups(found: Iterable[Times], by: By, rules: Rules) -> tuple[Group, ...]:
    gathered: dict[str, list[Times]] = {}
    for one in found:
        for key in _KEYS[by](one.incident):
            gathered.setdefault(key, []).append(one)
    return tuple(_group(key, gathered[key], rules) for key in sorted(gathered))


def _group(key: str, members: list[Times], rules: Rules) -> Group:
    known = [one for one in members if one.tells_acknowledging]
    return Group(
        key=key,
        incidents=len(members),
        known=len(known),
        merged=sum(one.measured is Measured.MERGED for one in members),
        acknowledged=spread(one.acknowledged for one in known if one.acknowledged is not None),
        resolved=spread(one.resolved for one in members if one.resolved is not None),
        never_acknowledged=sum(one.acknowledged is None for one in known),
        late_acknowledged=sum(is_late_acknowledged(one, rules) for one in known),
        late_resolved=sum(is_late_resolved(one, rules) for one in members),
    )


def is_late_acknowledged(one: Times, rules: Rules) -> bool:
    """Who waits for longer than the target is late, whether somebody came in the end or not."""
    limit = timedelta(minutes=rules.target(one.incident.priority).acknowledge)
    return one.waited is not None and one.waited > limit


def is_late_resolved(one: Times, rules: Rules) -> bool:
    limit = timedelta(minutes=rules.target(one.incident.priority).resolve)
    return one.lasted is not None and one.lasted > limit


#: Each clock in words, to stand beside every number that was measured by it.
STATED: Mapping[Clock, str] = {
    Clock.ELAPSED: "resolving is measured from the first trigger to the last resolve",
    Clock.OPEN: "resolving is measured as the time an incident was open, without the time between a resolve and a reopening",
}


def stated(rules: Rules) -> str:
    """Which clocks are used, in a sentence."""
    who = "a person, or a program in a person's name" if rules.api_is_person else "a person"
    return (
        f"Acknowledging is measured from the trigger, or the reopening, to the first acknowledgement by {who}; {STATED[rules.clock]}; "
        "both by the times of PagerDuty's log entries."
    )
