"""Which dataset is collected by which course, and when it is due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from syncd.core.gap import CLOCKS_APART
from syncd.evidence.facts.dataset import Name
from syncd.evidence.spans import Span, Spans
from syncd.store.evidence.collections import Collection

from . import roster
from .courses import audit, lists, plan, teams
from .courses.incidents import incidents
from .courses.known import Before, Wanted
from .courses.oncalls import oncalls
from .courses.request import Course, Gathered
from .courses.schedules import schedules
from .courses.windows import whole_second

#: Read out of another one's answers. Cases are our own, and are not collected.
WITH: Mapping[Name, Name] = {Name.COVERAGE: Name.SCHEDULES, Name.OPEN_INCIDENTS: Name.INCIDENTS}
ONCALLS_AHEAD = timedelta(days=30)
BACK, AHEAD = timedelta(days=31), timedelta(days=41)  # of schedules: what is judged, and what is looked ahead for
FIRST = timedelta(days=30)  # of incidents and the audit trail, when nothing was collected before


@dataclass(frozen=True, slots=True)
class Wants:
    """What settings say of collecting."""

    strategy: str = "auto"
    roster: str = ""  # a file's path
    ahead: timedelta = AHEAD
    first: timedelta = FIRST


@dataclass(frozen=True, slots=True)
class Scope:
    """What a collecting was begun with. Whoever goes on with it has the same."""

    until: datetime  # whole seconds, as all of these
    begins: datetime  # of what has a time: where the last one ended, or as far back as somebody asked for
    ahead_until: datetime
    strategy: str
    roster: str
    before: Before


def settings_of(wants: Wants, begun_at: datetime, since: datetime | None, covers: Spans) -> Mapping[str, str]:
    """To be kept with it."""
    until = whole_second(begun_at)
    ended = covers[-1].end if covers else until - wants.first
    begins = whole_second(min(ended, since or ended))
    return {
        "until": until.isoformat(),
        "begins": begins.isoformat(),
        "ahead_until": (until + wants.ahead).isoformat(),
        "strategy": wants.strategy,
        "roster": wants.roster,
    }


def scope_of(taken: Collection, before: Before) -> Scope:
    said = taken.settings
    until, begins, ahead_until = (datetime.fromisoformat(said[name]) for name in ("until", "begins", "ahead_until"))
    return Scope(until, begins, ahead_until, said["strategy"], said["roster"], before)


Make = Callable[[Scope], Course[Gathered[Any]]]

COURSES: Mapping[Name, Make] = {
    Name.SERVICES: lambda _: lists.services(),
    Name.POLICIES: lambda _: lists.policies(),
    Name.USERS: lambda _: lists.users(),
    Name.TEAMS: lambda _: teams.teams(),
    Name.SCHEDULES: lambda it: schedules(Span(it.until - BACK, it.ahead_until), it.until),
    Name.ONCALLS: lambda it: oncalls(Span(it.until, it.until + ONCALLS_AHEAD)),
    Name.ABILITIES: lambda _: plan.abilities(),
    Name.LICENCES: lambda _: plan.licences(),
    Name.ALLOCATIONS: lambda _: plan.allocations(),
    Name.AUDIT: lambda it: audit.audit(Span(max(it.begins - CLOCKS_APART, it.until - audit.KEPT), it.until)),
    Name.INCIDENTS: lambda it: incidents(Wanted(Span(it.begins, it.until), it.before, it.strategy)),
    Name.ROSTER: lambda it: roster.people(it.roster),
}


def is_collected(name: Name, roster: str) -> bool:
    """The list of people only where somebody has named it."""
    return name in COURSES and (name is not Name.ROSTER or bool(roster))
