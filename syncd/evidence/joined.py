"""Grave incidents with their cases beside them: when each began, was taken up and ended, on both sides.

An incident's times are PagerDuty's, a case's those of whoever keeps it. They stand beside each other and are not subtracted: by two
clocks that differ by a minute a case would have been opened before its incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.incidents import Actor, CaseOf, Entry, Incident
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span

STATED = "Times of incidents are PagerDuty's, in whole seconds; times of cases are those of the case system: two clocks stand beside each other."


class Standing(StrEnum):
    """How a case stands to its incident."""

    CLOSED = "closed"  # both are over
    OPEN = "open"  # the incident is resolved, and the case is not closed
    AHEAD = "ahead"  # the case is closed, and the incident is not resolved
    UNDER_WAY = "under_way"  # neither is over
    NO_CASE = "no_case"
    UNKNOWN = "unknown"  # the links were not read


SENTENCES = {
    Standing.CLOSED: "Both are over.",
    Standing.OPEN: "The incident is resolved and its case is not closed.",
    Standing.AHEAD: "The case is closed and its incident is not resolved.",
    Standing.UNDER_WAY: "Both are under way.",
    Standing.NO_CASE: "No case is linked to it.",
    Standing.UNKNOWN: "It is not known whether a case is linked to it.",
}


@dataclass(frozen=True, slots=True)
class Joined:
    incident: Incident
    standing: Standing
    triggered_at: datetime
    acknowledged_at: datetime | None  # by a person, the first time
    resolved_at: datetime | None  # the last time; None: it is open
    has_note: bool | None  # a resolution note; None: its log was not read
    case: CaseOf | None = None

    @property
    def sentence(self) -> str:
        return SENTENCES[self.standing]


def joined(facts: Facts, rules: Rules, window: Span) -> Sequence[Joined]:
    """Of the priorities that are to be written up (`noted_priorities`), those that began in the window; the oldest first."""
    cases = {one.id: one for one in facts.cases.rows}
    known = {one.id: one for one in (*facts.incidents.rows, *facts.open_incidents.rows)}
    grave = [
        one
        for one in known.values()
        if one.priority in rules.noted_priorities and not one.is_merged and window.start <= one.created_at < window.end
    ]
    is_whole = facts.cases.is_whole
    found = (_beside(one, cases.get(one.id), is_whole=is_whole) for one in grave)
    return sorted(found, key=lambda one: (one.triggered_at, one.incident.number))


def _beside(one: Incident, case: CaseOf | None, *, is_whole: bool) -> Joined:
    log = one.log or ()
    triggered = min((entry.at for entry in log if entry.what is Entry.TRIGGER), default=one.created_at)
    acknowledged = (entry.at for entry in log if entry.what is Entry.ACKNOWLEDGE and entry.actor is Actor.PERSON)
    resolved = max((entry.at for entry in log if entry.what is Entry.RESOLVE), default=None)
    return Joined(
        one,
        _standing(one, case, is_whole=is_whole),
        triggered,
        min(acknowledged, default=None),
        resolved if one.is_resolved else None,
        None if one.log is None else any(entry.has_note for entry in log),
        case,
    )


def _standing(one: Incident, case: CaseOf | None, *, is_whole: bool) -> Standing:
    if case is None:
        return Standing.NO_CASE if is_whole else Standing.UNKNOWN
    if case.is_closed:
        return Standing.CLOSED if one.is_resolved else Standing.AHEAD
    return Standing.OPEN if one.is_resolved else Standing.UNDER_WAY


def counted(rows: Iterable[Joined]) -> dict[Standing, int]:
    """How many there are of each, also of those there are none of."""
    found = [one.standing for one in rows]
    return {standing: found.count(standing) for standing in Standing}
