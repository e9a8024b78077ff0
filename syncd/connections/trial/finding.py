"""What a trial tells: whether something syncd relies on holds here, and what PagerDuty does where its documents leave it open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    HELD = "held"
    DIFFERS = "DIFFERS"
    SETTLED = "settled"  # an open question has its answer
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Finding:
    step: str
    verdict: Verdict
    says: str
    switch: str = ""  # the simulator's, which asks the same question
    value: str = ""  # what it would have to be set to, to behave as this account does

    def as_json(self) -> Mapping[str, str]:
        return {
            "step": self.step,
            "verdict": self.verdict,
            "finding": self.says,
            "switch": self.switch,
            "value": self.value,
        }


def judged(step: str, says: str, *, is_so: bool, else_says: str) -> Finding:
    return Finding(step, Verdict.HELD if is_so else Verdict.DIFFERS, says if is_so else else_says)


def settled(step: str, switch: str, value: object, says: str) -> Finding:
    return Finding(step, Verdict.SETTLED, says, switch, str(value))
