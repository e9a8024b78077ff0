"""Checks of schedules, by what their coverage was computed to be: that somebody is on call, more than one takes turns, nobody twice."""

from __future__ import annotations

from collections.abc import Mapping

from syncd.evidence.coverage import Coverage
from syncd.evidence.facts.account import Facts
from syncd.evidence.spans import Span, Spans, common, union

from .opinion import Asked, Opinions, counted, opinion


def has_no_gap(asked: Asked) -> Opinions:
    """SCH-01. Another schedule of the same level covers for the policy, and not for this schedule."""
    window = asked.rules.ahead(asked.at)
    for one in asked.facts.schedules.rows:
        found = coverage_of(one.id, asked.facts)
        is_known = found is not None and found.window.has(window)
        holes = common(found.uncovered, (window,)) if found is not None else ()
        yield opinion(
            one.id,
            one.name,
            is_right=False if holes else True if is_known else None,
            wrong=_holes(holes),
            unread="its coverage is not known for all of that time",
        )


def coverage_of(schedule: str, facts: Facts) -> Coverage | None:
    found = facts.coverage.find(schedule)
    return None if found is None else found.coverage


def _holes(holes: Spans) -> str:
    if not holes:
        return ""
    rest = f", and {counted(len(holes) - 1, 'more time')}" if len(holes) > 1 else ""
    return f"nobody is on call {_shown(holes[0])}{rest}"


def _shown(span: Span) -> str:
    minutes = int((span.end - span.start).total_seconds() // 60)
    length = f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
    return f"from {span.start:%Y-%m-%d %H:%M} to {span.end:%Y-%m-%d %H:%M} UTC ({length})"


def has_participants(asked: Asked) -> Opinions:
    """SCH-02."""
    least = asked.rules.participants
    for one in asked.facts.schedules.rows:
        yield opinion(
            one.id,
            one.name,
            is_right=None if one.users is None else len(one.users) >= least,
            wrong=f"{counted(len(one.users or ()), 'person takes', 'people take')} turns in it where there should be {least}",
            unread="who takes turns in it was not read",
        )


def has_turns(asked: Asked) -> Opinions:
    """SCH-03."""
    for one in asked.facts.schedules.rows:
        what = "rotation" if one.is_shift_based else "layer"
        yield opinion(
            one.id,
            one.name,
            is_right=None if one.turns is None else one.turns > 0,
            wrong=f"it has no {what}, so that it never puts anybody on call",
            unread=f"its {what}s were not read",
        )


def is_used_and_owned(asked: Asked) -> Opinions:
    """SCH-04. Where the plan has no teams, nothing can belong to one."""
    facts = asked.facts
    for one in facts.schedules.rows:
        is_used = bool(one.policies) or _is_target(one.id, facts)
        is_owned = True if facts.teams.is_off_plan else None if one.teams is None else bool(one.teams)
        told = {"no escalation policy uses it": is_used, "it belongs to no team": is_owned}
        wrong = " and ".join(what for what, is_right in told.items() if is_right is False)
        yield opinion(
            one.id,
            one.name,
            is_right=False if wrong else None if None in {is_used, is_owned} else True,
            wrong=wrong,
            unread="who uses it, or whose it is, was not read",
        )


def _is_target(schedule: str, facts: Facts) -> bool | None:
    return facts.policies.any(lambda one: None if one.levels is None else schedule in one.schedules)


def books_nobody_twice(asked: Asked) -> Opinions:
    """SCH-05."""
    facts, window = asked.facts, asked.rules.ahead(asked.at)
    names = {one.id: one.name for one in facts.schedules.rows}
    on_call: dict[str, dict[str, Spans]] = {}
    is_known = True
    for schedule in facts.schedules.rows:
        found = coverage_of(schedule.id, facts)
        is_known = is_known and found is not None and found.window.has(window)
        for person, spans in _shifts(found, window).items():
            on_call.setdefault(person, {})[schedule.id] = spans
    for person, turns in sorted(on_call.items()):
        user = facts.users.find(person)
        wrong = _twice(turns, names)
        yield opinion(
            person,
            user.name if user else person,
            is_right=False if wrong else True if is_known else None,
            wrong=wrong,
            unread="not every schedule's coverage is known for all of that time",
        )


def _shifts(found: Coverage | None, window: Span) -> Mapping[str, Spans]:
    spans: dict[str, list[Span]] = {}
    for shift in found.shifts if found else ():
        if shift.person is not None:
            spans.setdefault(shift.person, []).append(shift.span.cut(window))
    return {person: union(found) for person, found in spans.items() if union(found)}


def _twice(turns: Mapping[str, Spans], names: Mapping[str, str]) -> str:
    ordered = sorted(turns.items())
    for at, (one, spans) in enumerate(ordered):
        for other, others in ordered[at + 1 :]:
            both = common(spans, others)
            if both:
                return f"is on call in {names[one]} and {names[other]} at once {_shown(both[0])}"
    return ""
