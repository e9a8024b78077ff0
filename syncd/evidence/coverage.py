"""When nobody is on call, to the minute, and why: computed from what a schedule says, for any window it was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from syncd.evidence.schedules.shifts import Shift
from syncd.evidence.spans import Span, Spans, union


class Why(StrEnum):
    NO_LAYERS = "no_layers"  # nothing in the schedule could put anybody on call
    EMPTY_MEMBER = "empty_member"  # a turn that is kept empty on purpose (v3)
    RESTRICTED = "restricted"  # a layer is there and restricted to other times, or an event is between its shifts
    NO_USERS = "no_users"  # a layer without people
    ENDED = "ended"
    NOT_BEGUN = "not_begun"
    BETWEEN_LAYERS = "between_layers"  # one has ended and the next not yet begun
    NO_TARGETS = "no_targets"  # a level that names nobody, or a policy without levels
    NOT_RENDERED = "not_rendered"  # PagerDuty itself shows nobody; why, it does not say


@dataclass(frozen=True, slots=True)
class Gap:
    span: Span
    why: Why


@dataclass(frozen=True, slots=True)
class Coverage:
    of: str  # a schedule's id, "POLICY/1" for a level of a policy, or a policy's id
    window: Span
    gaps: tuple[Gap, ...]  # in order; two that touch differ in their why
    people: frozenset[str]  # user ids on call in the window
    shifts: tuple[Shift, ...] = ()  # who is on call when; empty members are left out

    @property
    def uncovered(self) -> Spans:
        """The gaps as whole as people see them, whatever their reasons."""
        return union(gap.span for gap in self.gaps)
