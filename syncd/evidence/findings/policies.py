"""Checks of escalation policies: that somebody is asked, then somebody else, and that it does not end with nobody."""

from __future__ import annotations

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.policies import Level, Policy

from .opinion import Asked, Opinions, counted, opinion

_UNREAD = "its levels were not read"


def has_rule(asked: Asked) -> Opinions:
    """EP-01. A level that calls nobody is none."""
    for one in asked.facts.policies.rows:
        is_right = None if one.levels is None else any(level.targets for level in one.levels)
        yield opinion(one.id, one.name, is_right=is_right, wrong="it has no level that calls anybody", unread=_UNREAD)


def has_levels(asked: Asked) -> Opinions:
    """EP-02. Somebody has to be asked later who is not asked at first."""
    least = asked.rules.levels
    for one in asked.facts.policies.rows:
        levels = [level for level in one.levels or () if level.targets]
        is_right, wrong = _asks_others(levels, asked.facts), "its later levels call the same people as its first"
        if one.levels is not None and len(levels) < least:
            is_right, wrong = False, f"it has {counted(len(levels), 'level')} where there should be {least}"
        yield opinion(one.id, one.name, is_right=is_right, wrong=wrong, unread="who its levels call was not read")


def _asks_others(levels: list[Level], facts: Facts) -> bool | None:
    """Where one level is enough there may be none later; and of levels that were not read nothing is known."""
    if not levels:
        return None
    first, *later = (people(level, facts) for level in levels)
    if first is None or not later:
        return None if first is None else True
    if any(one is not None and one - first for one in later):
        return True
    return None if None in later else False


def people(level: Level, facts: Facts) -> frozenset[str] | None:
    """Whom a level may call, by themselves and by schedules; None: a schedule of it was not read."""
    found: set[str] = set()
    for target in level.targets:
        if not target.is_schedule:
            found.add(target.id)
            continue
        schedule = facts.schedules.find(target.id)
        if schedule is None or schedule.users is None:
            return None
        found |= schedule.users
    return frozenset(found)


def goes_on(asked: Asked) -> Opinions:
    """EP-03."""
    least = asked.rules.loops
    for one in asked.facts.policies.rows:
        yield opinion(
            one.id,
            one.name,
            is_right=_goes_on(one, least),
            wrong=f"it goes round {counted(one.loops or 0, 'time')} and ends with people named by themselves, so that a call can run out",
            unread="its levels, or how often it goes round, were not read",
        )


def _goes_on(one: Policy, least: int) -> bool | None:
    if one.loops is not None and one.loops >= least:
        return True
    if one.levels is None:
        return None
    if one.levels and any(target.is_schedule for target in one.levels[-1].targets):
        return True
    return None if one.loops is None else False


def is_used(asked: Asked) -> Opinions:
    """EP-04."""
    services = asked.facts.services
    named = {one.policy for one in services.rows if one.policy}
    is_all_read = services.is_whole and all(one.policy is not None for one in services.rows)
    for one in asked.facts.policies.rows:
        is_known = True if one.services or one.id in named else False if is_all_read else None
        yield opinion(
            one.id, one.name, is_right=is_known, wrong="no service uses it", unread="which services use it was not read"
        )
