"""One row of the catalogue: what is asked, what has to be known for it, and which controls it is evidence for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from syncd.evidence.facts.dataset import Name
from syncd.evidence.rules.values import Rules

from .opinion import Ask


@dataclass(frozen=True, slots=True)
class Controls:
    """Where a check counts: criteria of SOC 2, Annex A of ISO/IEC 27001:2022, controls of NIST SP 800-53 (revision 5)."""

    soc2: tuple[str, ...]
    iso27001: tuple[str, ...]
    nist: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Check:
    id: str
    title: str
    question: str
    ask: Ask
    subjects: Name  # of which dataset the subjects are that it has opinions of
    needs: frozenset[Name]  # all of these have to be read, whole and recently, before it can pass
    controls: Controls
    cure: str
    rules: tuple[str, ...] = ()  # the keys of [evidence] that it is judged by
    ability: str = ""  # without which an account has nothing to judge
    spares: frozenset[Name] = frozenset()  # what it can do without if the plan has none of it
    stated: Callable[[Rules], str] | None = None  # how it measures, in a sentence that stands beside its numbers
    is_informational: bool = False  # to be thought about, and no fault
