"""What findings ask of a schedule, besides its coverage: who takes turns, who uses it and whose it is.

How its layers and rotations are read, and what they come to, is told elsewhere: this is the same for both kinds of schedules.
"""

from __future__ import annotations

from dataclasses import dataclass

from syncd.evidence.comparison import Differences
from syncd.evidence.coverage import Coverage


@dataclass(frozen=True, slots=True)
class Rota:
    id: str
    name: str
    is_shift_based: bool = False
    turns: int | None = 0  # layers, or rotations; None: not read
    users: frozenset[str] | None = frozenset()  # everybody who takes a turn in one of them
    policies: frozenset[str] | None = frozenset()
    teams: frozenset[str] | None = frozenset()


@dataclass(frozen=True, slots=True)
class Covered:
    """A schedule's coverage, under the schedule's id."""

    coverage: Coverage
    differences: Differences = ()  # with the schedule as PagerDuty renders it

    @property
    def id(self) -> str:
        return self.coverage.of
