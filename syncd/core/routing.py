"""Which connector a case goes to, and how its incident is to look: an ordered list of rules, of which the first that matches decides.

A rule wants something of some fields; of each it names texts, and one of them has to match: the whole text, in capitals or not, where
a `*` stands for anything. Of labels any one may match. An empty text matches a field that is empty. Who wants nothing takes every case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .changes import CaseOpened
from .policy import PriorityPair

#: The source of cases that a finding of evidence has opened. They call nobody unless a rule names it: whoever wrote a rule for every
#: case, or has one connector and no rules, has not thought of them.
OF_EVIDENCE = "syncd-evidence"
SHIPPED = "Cases - Basic PagerDuty Account Incidents"


class Trait(StrEnum):
    """A field of a case that a rule may look at. A case system that has no such field leaves it empty."""

    SOURCE = "source"
    PRIORITY = "priority"
    TEAM = "team"
    LABELS = "labels"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    connector: str
    preset: str = SHIPPED
    wants: Mapping[Trait, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Preset:
    """What an opened incident looks like. Whatever is left empty is as it would be without a preset."""

    name: str = SHIPPED
    title: str = ""  # a template, as is the body
    body: str = ""
    urgency: str = ""  # high or low
    integration: str = ""  # whose connectors alone may use it: its priorities and its policy are that account's
    priorities: tuple[PriorityPair, ...] = ()  # in place of the connector's, for as long as the link lives
    escalation_policy: str = ""
    escalation_policy_name: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """What a link keeps of how it was to be opened: neither rules nor presets that change later touch it."""

    rule: str = ""
    preset: str = ""
    urgency: str = ""
    escalation_policy: str = ""
    service: str = ""  # which of the connector's, where one was asked for
    remark: str = ""  # what could not be done as it was wanted


BASIC, UNSTYLED = Preset(), Style()


@dataclass(frozen=True, slots=True)
class Judged:
    """What one rule makes of a case, and why."""

    rule: Rule
    is_match: bool
    why: str


def decide(rules: Sequence[Rule], case: CaseOpened) -> Rule | None:
    """The first that matches; what stands behind it changes nothing."""
    return next((rule for rule in rules if not _missing(rule, case)), None)


def explain(rules: Sequence[Rule], case: CaseOpened) -> tuple[Judged, ...]:
    """Every rule in its order, also those behind the one that decides."""
    return tuple(_judged(rule, case) for rule in rules)


def matches(pattern: str, text: str) -> bool:
    """In as many steps as the text is long, whatever the pattern: a rule must not be able to keep a worker busy."""
    first, *others = pattern.casefold().split("*")
    text = text.casefold()
    if not others:
        return text == first
    *between, last = others
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in between:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def names_evidence(rule: Rule) -> bool:
    """By more than a `*` alone."""
    return any(one.strip("*") and matches(one, OF_EVIDENCE) for one in rule.wants.get(Trait.SOURCE, ()))


def _judged(rule: Rule, case: CaseOpened) -> Judged:
    missing = _missing(rule, case)
    if missing:
        return Judged(rule, is_match=False, why="; ".join(_why_not(one, rule, case) for one in missing))
    if not rule.wants:
        return Judged(rule, is_match=True, why="it takes every case")
    return Judged(rule, is_match=True, why="; ".join(_why(one, case) for one in rule.wants))


def _missing(rule: Rule, case: CaseOpened) -> list[Trait]:
    if case.source == OF_EVIDENCE and not names_evidence(rule):
        return [Trait.SOURCE]
    return [trait for trait, wanted in rule.wants.items() if not _has(trait, wanted, case)]


def _has(trait: Trait, wanted: Sequence[str], case: CaseOpened) -> bool:
    return any(matches(pattern, text) for pattern in wanted for text in _texts(trait, case))


def _texts(trait: Trait, case: CaseOpened) -> tuple[str, ...]:
    match trait:
        case Trait.SOURCE:
            return (case.source,)
        case Trait.PRIORITY:
            return (case.priority,)
        case Trait.TEAM:
            return (case.team,)
        case Trait.LABELS:
            return case.labels or ("",)
        case Trait.TITLE:
            return (case.title,)


def _why(trait: Trait, case: CaseOpened) -> str:
    return f"{trait} {_are(trait)} {_shown(trait, case)}"


def _why_not(trait: Trait, rule: Rule, case: CaseOpened) -> str:
    if trait is Trait.SOURCE and case.source == OF_EVIDENCE:
        return f"it does not name the source {OF_EVIDENCE}"
    wanted = rule.wants[trait]
    names = ", ".join(one or "empty" for one in wanted)
    either = "not" if len(wanted) == 1 else "none of"
    return f"{trait} {_are(trait)} {_shown(trait, case)}, {either} {names}"


def _are(trait: Trait) -> str:
    return "are" if trait is Trait.LABELS else "is"


def _shown(trait: Trait, case: CaseOpened) -> str:
    return ", ".join(filter(None, _texts(trait, case))) or "empty"
