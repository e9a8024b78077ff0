"""The last gate: what the checks find of one record that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from syncd.core.why.proving import Proving
from syncd.core.why.verdict import Verdict, Who
from syncd.evidence.facts.dataset import Name
from syncd.evidence.findings.catalogue import CATALOGUE
from syncd.evidence.findings.check import Check
from syncd.evidence.findings.judging import judge
from syncd.evidence.findings.opinion import Asked

from .known import Known


@dataclass(frozen=True, slots=True)
class Wrong:
    check: Check
    sentence: str


def wrong_of(known: Known, subjects: Name, record: str) -> Sequence[Wrong]:
    """By every check of such records, in the catalogue's order; what is only to be thought about comes last."""
    asked = Asked(known.facts, known.rules, known.at)
    found = [
        Wrong(check, remark.sentence)
        for check in CATALOGUE
        if check.subjects is subjects
        for remark in judge(check, asked).wrong
        if remark.subject == record
    ]
    return sorted(found, key=lambda one: one.check.is_informational)


def in_order(said: str, wrong: Sequence[Wrong]) -> Verdict:
    """`said`: what is known of it, without a full stop. What is only to be thought about is told and stops nobody."""
    told = "; ".join(f"{one.check.id}: {one.sentence}" for one in wrong)
    faults = [one for one in wrong if not one.check.is_informational]
    if not faults:
        return Verdict(Proving.IN_ORDER, f"{said}{f' ({told})' if told else ''}.", stops=False)
    cure = faults[0].check.cure
    accept = f"To live with it for a time: `syncd evidence accept {faults[0].check.id} --until DATE --why REASON`."
    return Verdict(Proving.IN_ORDER, f"{said}. {told}.", Who.YOU, f"{cure} {accept}")
