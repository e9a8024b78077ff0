"""The last gate: what the checks find of one record that is known, and the exact command for whoever lives with it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from syncd.core.why.proving import Proving
from syncd.core.why.verdict import Verdict, Who
from syncd.evidence.facts.dataset import Name
from syncd.evidence.findings.catalogue import CATALOGUE, CHECKS
from syncd.evidence.findings.check import Check
from syncd.evidence.findings.judging import Finding, Remark, judge
from syncd.evidence.findings.opinion import Asked

from .known import Known

_FOR = timedelta(days=90)  # what an acceptance is proposed for: an auditor asks about those without an end
_REASON = "say here why"


@dataclass(frozen=True, slots=True)
class Wrong:
    check: Check
    remark: Remark
    is_accepted: bool = False

    @property
    def is_fault(self) -> bool:
        return not (self.is_accepted or self.check.is_informational)

    @property
    def told(self) -> str:
        given = self.remark.acceptance
        said = f"{self.check.id}: {self.remark.sentence}"
        if given is None or not self.is_accepted:
            return said
        return f"{said}, which {given.by} has accepted until {given.until:%Y-%m-%d %H:%M} UTC ({given.why.rstrip('.')})"


def wrong_of(known: Known, subjects: Name, record: str) -> Sequence[Wrong]:
    """By every check of such records, in the catalogue's order; what is accepted, or only to be thought about, comes last."""
    asked = Asked(known.facts, known.rules, known.at)
    judged = (judge(check, asked, known.accepted) for check in CATALOGUE if check.subjects is subjects)
    return sorted(
        (one for finding in judged for one in _of(finding, record)),
        key=lambda one: not one.is_fault,
    )


def _of(found: Finding, record: str) -> Iterator[Wrong]:
    check = CHECKS[found.check]
    yield from (Wrong(check, one) for one in found.wrong if one.subject == record)
    yield from (Wrong(check, one, is_accepted=True) for one in found.accepted if one.subject == record)


def in_order(
    known: Known, said: str, wrong: Sequence[Wrong], cures: Mapping[str, str] = MappingProxyType({})
) -> Verdict:
    """`said`: what is known of it, without a full stop. What is accepted, or only to be thought about, is told and stops nobody. `cures`:
    of checks whose own would lead here.
    """
    told = "; ".join(one.told for one in wrong)
    faults = [one for one in wrong if one.is_fault]
    if not faults:
        return Verdict(Proving.IN_ORDER, f"{said}{f' ({told})' if told else ''}.", stops=False)
    check = faults[0].check
    remedy = f"{cures.get(check.id, check.cure)} {_lived_with(known, faults)}"
    return Verdict(Proving.IN_ORDER, f"{said}. {told}.", Who.YOU, remedy)


def _lived_with(known: Known, faults: Sequence[Wrong]) -> str:
    """To be pasted as it stands: whoever has nothing to say yet says so to the auditor."""
    first, until = faults[0], known.at + _FOR
    subject = shlex.quote(first.remark.subject)
    command = f'syncd evidence accept {first.check.id} {subject} --integration {known.slug} --until {until:%Y-%m-%d} --why "{_REASON}"'
    others = ", ".join(dict.fromkeys(one.check.id for one in faults[1:]))
    likewise = f"; likewise of {others}" if others else ""
    return f"To live with it for {_FOR.days} days, with your reason as the last words: `{command}`{likewise}."
