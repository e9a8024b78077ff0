"""One kind of record as it was collected: the rows, when, for what time, and what is missing from it and why.

A row that is not here is absent only from a dataset that is whole; from any other it is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from syncd.evidence.spans import Span, Spans, gaps


class Name(StrEnum):
    """The datasets of an account."""

    SERVICES = "services"
    POLICIES = "escalation_policies"
    SCHEDULES = "schedules"
    COVERAGE = "coverage"  # computed of the schedules
    ONCALLS = "oncalls"
    USERS = "users"
    TEAMS = "teams"
    ABILITIES = "abilities"
    LICENCES = "licenses"
    ALLOCATIONS = "license_allocations"
    AUDIT = "audit_records"
    INCIDENTS = "incidents"  # those that began in a window, with their log
    OPEN_INCIDENTS = "open_incidents"  # those that are open, whenever they began
    CASES = "cases"  # that are linked to incidents
    ROSTER = "roster"  # the people of the organisation, from elsewhere


class Lack(StrEnum):
    """Why something was not read."""

    NOT_YET = "not_yet"
    NOT_THEN = "not_then"  # of a time that is over, and collected later
    SCOPE = "scope"
    PERMISSION = "permission"
    PLAN = "plan"
    THROTTLED = "throttled"
    HIDDEN = "hidden"  # the key sees only some teams
    UNTOLD = "untold"  # or it could not be told whether it does
    SHRUNK = "shrunk"  # much of what was there before is there no more
    UNREADABLE = "unreadable"
    ALTERED = "altered"  # what is kept of it is not what was collected
    FAILED = "failed"
    NOT_GIVEN = "not_given"
    OLD = "old"


#: `{dataset}` was not read. `{needs}` is the scope, role or setting, where one is known.
SENTENCES: Mapping[Lack, str] = {
    Lack.NOT_YET: "{dataset}: not collected yet",
    Lack.NOT_THEN: "{dataset}: not collected by then, which stays unknown",
    Lack.SCOPE: "{dataset}: the token lacks a scope{needs}",
    Lack.PERMISSION: "{dataset}: the key may not read it{needs}",
    Lack.PLAN: "{dataset}: not on the account's plan{needs}",
    Lack.THROTTLED: "{dataset}: PagerDuty limited the requests, and the rest is still to be read",
    Lack.HIDDEN: "{dataset}: the key sees only the teams of its user; it takes a Global Admin's or an account's key",
    Lack.UNTOLD: "{dataset}: it is not known whether the key sees every team{needs}",
    Lack.SHRUNK: "{dataset}: much that was there is there no more{needs}; see by `syncd integrations test NAME` what the key sees, and "
    "collect again, which confirms it",
    Lack.UNREADABLE: "{dataset}: what PagerDuty answered cannot be read{needs}",
    Lack.ALTERED: "{dataset}: what is kept of it was changed since{needs}; nothing is judged by it, and it has to be collected again",
    Lack.FAILED: "{dataset}: collecting it failed{needs}",
    Lack.NOT_GIVEN: "{dataset}: nobody has given it{needs}",
    Lack.OLD: "{dataset}: too long ago{needs}",
}

#: By which nothing is judged: they are shown, and kept as proof.
SHOWN = frozenset({Name.LICENCES, Name.ALLOCATIONS, Name.AUDIT})
_NAMED = 3  # of many records
_DAY, _QUARTER, _HOUR = timedelta(hours=24), timedelta(hours=6), timedelta(hours=1)
#: How often each is collected. One that is older than twice that is out of date, and nothing passes by it.
EVERY: Mapping[Name, timedelta] = {
    Name.SERVICES: _DAY,
    Name.POLICIES: _DAY,
    Name.SCHEDULES: _QUARTER,
    Name.COVERAGE: _QUARTER,
    Name.ONCALLS: _QUARTER,
    Name.USERS: _DAY,
    Name.TEAMS: _DAY,
    Name.ABILITIES: _DAY,
    Name.LICENCES: _DAY,
    Name.ALLOCATIONS: _DAY,
    Name.AUDIT: _DAY,
    Name.INCIDENTS: _HOUR,
    Name.OPEN_INCIDENTS: _HOUR,
    Name.CASES: _HOUR,
    Name.ROSTER: timedelta(days=30),
}


@dataclass(frozen=True, slots=True)
class Missing:
    why: Lack
    part: str = ""  # the id of one record; empty: of the dataset
    needs: str = ""  # what would make it readable: "services.read", "a Global Admin's key", where in an answer it broke

    def told(self, name: Name, parts: Sequence[str] = ()) -> str:
        """A few words, without a full stop: what is missing and what it takes."""
        which = [*parts[:_NAMED], *([f"and {len(parts) - _NAMED} more"] if len(parts) > _NAMED else [])]
        dataset = " ".join([_words(name), ", ".join(which or filter(None, [self.part]))]).strip()
        return SENTENCES[self.why].format(dataset=dataset, needs=f" ({self.needs})" if self.needs else "")


def all_told(missing: Iterable[Missing], name: Name) -> list[str]:
    """Many records that are missing for the same reason are one sentence."""
    alike: dict[tuple[Lack, str, bool], list[Missing]] = {}
    for one in missing:
        alike.setdefault((one.why, one.needs, bool(one.part)), []).append(one)
    return [some[0].told(name, [one.part for one in some if one.part]) for some in alike.values()]


class Row(Protocol):
    @property
    def id(self) -> str: ...


_Row_co = TypeVar("_Row_co", bound=Row, covariant=True)


@dataclass(
    frozen=True
)  # Without slots: a generic class that is frozen and has them cannot be made as Dataset[Service](...).
class Dataset(Generic[_Row_co]):
    name: Name
    rows: tuple[_Row_co, ...] = ()
    collected_at: datetime | None = None  # when collecting it ended; None: never
    covers: Spans = ()  # of what has a time: for which times it was asked
    missing: tuple[Missing, ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.collected_at is not None and not self.missing

    @property
    def is_off_plan(self) -> bool:
        return any(one.why is Lack.PLAN and not one.part for one in self.missing)

    def find(self, record_id: str) -> _Row_co | None:
        return next((row for row in self.rows if row.id == record_id), None)

    def lacks(self, record_id: str) -> bool | None:
        """Whether there is surely none of this id; None: not known."""
        if self.find(record_id) is not None:
            return False
        return True if self.is_whole else None

    def any(self, has: Callable[[_Row_co], bool | None]) -> bool | None:
        """Whether a row has it; None: none that was read, but one that was not may."""
        answers = [has(row) for row in self.rows]
        if any(answers):
            return True
        return None if None in answers or not self.is_whole else False

    def aged(self, at: datetime) -> Dataset[_Row_co]:
        """As it is known at this time: one that is out of date still says what there was, and no longer what there is not."""
        if self.collected_at is None or at - self.collected_at <= 2 * EVERY[self.name]:
            return self
        old = Missing(Lack.OLD, needs=f"last collected {self.collected_at:%Y-%m-%d %H:%M} UTC")
        return replace(self, missing=(*self.missing, old))

    def unread(self, needed: Iterable[Span] = ()) -> tuple[str, ...]:
        """Why it cannot vouch for all of its records, and all of these times: nothing, if it can."""
        if self.collected_at is None:
            # Whatever is said besides says more than that.
            why = self.missing or (Missing(Lack.NOT_YET),)
            return tuple(all_told(why, self.name))
        told = all_told(self.missing, self.name)
        holes = [hole for span in needed for hole in gaps(self.covers, span)]
        told += [
            f"{_words(self.name)}: nothing is known of {one.start:%Y-%m-%d %H:%M} to {one.end:%Y-%m-%d %H:%M} UTC; "
            f"`syncd evidence collect NAME --since {one.start:%Y-%m-%d}` reads it"
            for one in holes
        ]
        return tuple(told)

    def without(self, missing: Missing) -> Dataset[_Row_co]:
        """The same, and this was not read: a part that was not is no row either."""
        rows = tuple(row for row in self.rows if missing.part and row.id != missing.part)
        return replace(self, rows=rows, missing=(*self.missing, missing))


def _words(name: Name) -> str:
    return name.value.replace("_", " ")
