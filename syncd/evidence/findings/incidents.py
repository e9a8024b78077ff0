"""Checks of incidents: that a person came in time, that they were resolved in time, and that what came of them is written down."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from syncd.evidence.facts.dataset import Dataset
from syncd.evidence.facts.incidents import Entry, Incident
from syncd.evidence.rules.values import Rules, Target
from syncd.evidence.times import (
    Measured,
    Times,
    is_late_acknowledged,
    is_late_resolved,
    percentile,
    times,
)

from .opinion import Asked, Opinion, Opinions, Verdict, opinion

_UNREAD: Mapping[Measured, str] = {
    Measured.NO_LOG: "its log was not read",
    Measured.INCOMPLETE: "its log does not tell all that happened to it",
    Measured.UNCLEAR: "its log does not tell who acknowledged it",
}


def is_acknowledged_in_time(asked: Asked) -> Opinions:
    """INC-01. What counts is the share of each priority; where it is missed, those that were late are named."""
    return _in_time(asked, _ACKNOWLEDGING, asked.rules.acknowledge_percent)


def is_resolved_in_time(asked: Asked) -> Opinions:
    """INC-02."""
    return _in_time(asked, _RESOLVING, asked.rules.resolve_percent)


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the two times of an incident, and its words."""

    is_told: Callable[[Times], bool]
    after: Callable[[Times], timedelta | None]  # None: it has not come to that
    until_now: Callable[[Times], timedelta | None]
    is_late: Callable[[Times, Rules], bool]
    target: Callable[[Target], int]
    done: str
    not_done: str


_ACKNOWLEDGING = _Kind(
    is_told=lambda one: one.tells_acknowledging,
    after=lambda one: one.acknowledged,
    until_now=lambda one: one.waited,
    is_late=is_late_acknowledged,
    target=lambda target: target.acknowledge,
    done="waited {time} for somebody to acknowledge it",
    not_done="waited {time}, and no person acknowledged it",
)
_RESOLVING = _Kind(
    is_told=lambda one: one.tells_resolving,
    after=lambda one: one.resolved,
    until_now=lambda one: one.lasted,
    is_late=is_late_resolved,
    target=lambda target: target.resolve,
    done="was resolved after {time}",
    not_done="is still not resolved after {time}",
)


def _in_time(asked: Asked, kind: _Kind, percent: int) -> Opinions:
    """One that nobody has come to, or that is open, counts once it is late; before that it may still be in time."""
    rules, measured = asked.rules, dict[str, list[Times]]()
    for one in _begun(asked):
        found = times(one, rules, as_of(asked.facts.incidents, asked.at))
        if found.measured is Measured.MERGED:
            continue
        if not kind.is_told(found):
            yield Opinion(one.id, one.name, Verdict.UNREAD, _UNREAD[found.measured])
        elif kind.after(found) is not None or kind.is_late(found, rules):
            measured.setdefault(one.priority, []).append(found)
    for priority, members in sorted(measured.items()):
        yield from _of_priority(priority, members, rules, kind, percent)


def as_of(read: Dataset[Incident], at: datetime) -> datetime:
    """What came after they were read is not known, and nobody is late by it."""
    return min(at, read.collected_at or at)


def _of_priority(priority: str, members: list[Times], rules: Rules, kind: _Kind, percent: int) -> Opinions:
    """A share of the incidents is within the target exactly if that percentile of their times is."""
    late = {one.incident.id for one in members if kind.is_late(one, rules)}
    is_met = (len(members) - len(late)) * 100 >= percent * len(members)
    reached = percentile(sorted(kind.until_now(one) or timedelta() for one in members), percent)
    called = f"{priority} incidents" if priority else "incidents without a priority"
    target = timedelta(minutes=kind.target(rules.target(priority)))
    of_all = f"{len(late)} of {len(members)} {called} were late, p{percent} is {_long(reached)}"
    for one in members:
        words = kind.not_done if kind.after(one) is None else kind.done
        said = words.format(time=_long(kind.until_now(one) or timedelta()))
        yield opinion(
            one.incident.id,
            one.incident.name,
            is_right=is_met or one.incident.id not in late,
            wrong=f"{said}, and the target is {_long(target)} ({of_all})",
            unread="",
        )


def _long(time: timedelta) -> str:
    seconds = int(time.total_seconds())
    days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds % 60, "s")]
    told = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(told[:2]) or "0 s"


def is_not_left(asked: Asked) -> Opinions:
    """INC-03. Of all that are open, whenever they began."""
    read, rules = asked.facts.open_incidents, asked.rules
    at = as_of(read, asked.at)
    for one in read.rows:
        if one.is_resolved:
            continue
        age, since = at - one.created_at, _waiting_since(one)
        waits = one.status == "triggered" and age > timedelta(hours=rules.unacknowledged_hours)
        if age > timedelta(days=rules.open_days):
            is_right, wrong = False, f"it has been open for {_long(age)}"
        elif waits and since is None:
            is_right, wrong = None, ""
        else:
            waited = at - (since or at)
            is_right = not waits or waited <= timedelta(hours=rules.unacknowledged_hours)
            wrong = f"nobody has acknowledged it for {_long(waited)}"
        yield opinion(one.id, one.name, is_right=is_right, wrong=wrong, unread=_UNREAD[Measured.NO_LOG])


def _waiting_since(one: Incident) -> datetime | None:
    """The last time that it became triggered: at first, when an acknowledgement ran out, or when it was reopened."""
    since: datetime | None = None
    is_acknowledged = False
    for entry in one.log or ():
        if entry.what in {Entry.ACKNOWLEDGE, Entry.RESOLVE}:
            since, is_acknowledged = None, entry.what is Entry.ACKNOWLEDGE
        elif since is None and (
            entry.what is Entry.UNACKNOWLEDGE or (entry.what is Entry.TRIGGER and not is_acknowledged)
        ):
            since, is_acknowledged = entry.at, False
    return since


def is_written_up(asked: Asked) -> Opinions:
    """INC-04. A merged incident is written up with the one it was merged into."""
    facts, rules = asked.facts, asked.rules
    cases = {one.id: one for one in facts.cases.rows}
    for one in _begun(asked):
        if one.priority not in rules.noted_priorities or one.is_merged or not one.is_resolved:
            continue
        has_note = None if one.log is None else any(entry.has_note for entry in one.log)
        wrong = ["has no resolution note"] if has_note is False else []
        is_read = has_note is not None
        if rules.with_case:
            case = cases.get(one.id)
            if case is None and facts.cases.is_whole:
                wrong.append("has no case")
            elif case is not None and not case.is_closed:
                wrong.append(f"has a case that is still open ({case.case})")
            is_read = is_read and (case is not None or facts.cases.is_whole)
        yield opinion(
            one.id,
            one.name,
            is_right=False if wrong else True if is_read else None,
            wrong=f"{one.priority}: {' and '.join(wrong)}",
            unread="its log, or the case it is linked to, was not read",
        )


def _begun(asked: Asked) -> Iterable[Incident]:
    window = asked.looked_back
    return [one for one in asked.facts.incidents.rows if window.start <= one.created_at < window.end]
