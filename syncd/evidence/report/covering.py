"""Who would be called: each schedule's coverage, and each policy's, level by level, with where other voices say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from syncd.evidence.comparison import Differences, against_oncalls
from syncd.evidence.coverage import Coverage
from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.policies import Level, Policy
from syncd.evidence.facts.schedules import Rota
from syncd.evidence.levels import level_coverage, policy_coverage
from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span
from syncd.evidence.unknown import Unknown

_Known = Mapping[str, Coverage]


@dataclass(frozen=True, slots=True)
class ScheduleLine:
    rota: Rota
    coverage: Coverage | None  # None: not known, and `unknown` says why
    unknown: str = ""
    differences: Differences = ()


@dataclass(frozen=True, slots=True)
class LevelLine:
    number: int  # from 1
    coverage: Coverage | None
    unknown: str = ""
    differences: Differences = ()


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """In the policy's own gaps nobody at all would be called; in a level's, a call is late by that level."""

    policy: Policy
    coverage: Coverage | None
    unknown: str = ""
    levels: tuple[LevelLine, ...] = ()


def schedule_lines(facts: Facts) -> Iterator[ScheduleLine]:
    for rota in sorted(facts.schedules.rows, key=lambda one: (one.name, one.id)):
        found = facts.coverage.find(rota.id)
        if found is None:
            lacking = [one for one in facts.coverage.missing if one.part == rota.id]
            told = lacking[0].told(facts.coverage.name) if lacking else "its coverage is not known"
            yield ScheduleLine(rota, None, told)
            continue
        # /oncalls tells of a schedule only by the policies that use it.
        said = [Shift(one.span, one.user) for one in facts.oncalls.rows if one.schedule == rota.id]
        heard = against_oncalls(found.coverage, said, facts.oncalls.covers) if rota.policies else ()
        ordered = sorted((*found.differences, *heard), key=lambda one: (one.span, one.by))
        yield ScheduleLine(rota, found.coverage, "", tuple(ordered))


def policy_lines(facts: Facts, window: Span) -> Iterator[PolicyLine]:
    schedules = {one.id: one.coverage for one in facts.coverage.rows}
    for policy in sorted(facts.policies.rows, key=lambda one: (one.name, one.id)):
        if policy.levels is None:
            yield PolicyLine(policy, None, "its levels were not read")
            continue
        levels = [_of_level(policy.id, *one, schedules, window) for one in enumerate(policy.levels, 1)]
        found = policy_coverage(policy.id, levels, window)
        lines = tuple(_level_line(number, one, policy.id, facts) for number, one in enumerate(levels, 1))
        if isinstance(found, Unknown):
            yield PolicyLine(policy, None, found.sentence, lines)
        else:
            yield PolicyLine(policy, found, "", lines)


def _of_level(policy: str, number: int, level: Level, schedules: _Known, window: Span) -> Coverage | Unknown:
    return level_coverage(f"{policy}/{number}", level, schedules, window)


def _level_line(number: int, found: Coverage | Unknown, policy: str, facts: Facts) -> LevelLine:
    if isinstance(found, Unknown):
        return LevelLine(number, None, found.sentence)
    said = (Shift(one.span, one.user) for one in facts.oncalls.rows if (one.policy, one.level) == (policy, number))
    return LevelLine(number, found, "", against_oncalls(found, said, facts.oncalls.covers))
