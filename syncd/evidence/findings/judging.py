"""What becomes of a check's opinions: pass, fail, not applicable, unknown or accepted. A pass needs everything to have been read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from syncd.evidence.facts.account import Facts
from syncd.evidence.facts.dataset import Lack, Name
from syncd.evidence.rules.values import Rules
from syncd.evidence.spans import Span

from .catalogue import CATALOGUE
from .check import Check
from .opinion import Asked, Opinion, Verdict, counted


class Result(StrEnum):
    PASS = "pass"  # noqa: S105  A word, and none to sign in with.
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Somebody has decided to live with it for a time."""

    check: str
    by: str
    until: datetime  # from this moment on it counts no more
    why: str
    subject: str = ""  # an id; empty: whatever the check finds

    def meets(self, check: str, subject: str) -> bool:
        return self.check == check and self.subject in {"", subject}


@dataclass(frozen=True, slots=True)
class Remark:
    subject: str
    name: str
    sentence: str
    acceptance: Acceptance | None = None  # one that holds, or held until it ran out
    people: tuple[str, ...] = ()  # ids of users it is about, besides the subject

    def is_accepted(self, at: datetime) -> bool:
        return self.acceptance is not None and at < self.acceptance.until


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    result: Result
    judged: int = 0  # subjects of which it could be told
    wrong: tuple[Remark, ...] = ()
    accepted: tuple[Remark, ...] = ()
    unread: tuple[Remark, ...] = ()  # subjects of which it could not
    missing: tuple[str, ...] = ()  # what was not read of the datasets, and what that takes
    why_not: str = ""  # why there is nothing to judge
    stated: str = ""  # how its numbers were measured

    @property
    def sentence(self) -> str:
        n, m = len(self.wrong), self.judged
        match self.result:
            case Result.PASS:
                return f"All {m} are in order." if m != 1 else "The one there is is in order."
            case Result.FAIL:
                return f"{n} of {m} {_are(n)} not in order{self._besides()}."
            case Result.ACCEPTED:
                return f"{len(self.accepted)} of {m} {_are(len(self.accepted))} not in order, and accepted."
            case Result.NOT_APPLICABLE:
                return f"{self.why_not}."
            case Result.UNKNOWN:
                accepted = f" ({len(self.accepted)} accepted)" if self.accepted else ""
                return f"It cannot be told{self._why_unknown()}{accepted}."

    def _why_unknown(self) -> str:
        """Without names: whoever leaves people's names out leaves this sentence as it is."""
        of_all = (*self.missing, *(one.sentence for one in self.unread if not one.subject))
        of_some = [one for one in self.unread if one.subject]
        if of_all:
            more = len(of_all) - 1
            return f": {of_all[0]}{f', and {more} more' if more else ''}"
        return f" of {counted(len(of_some), 'subject')}: {of_some[0].sentence}"

    def _besides(self) -> str:
        told = [f"{len(self.accepted)} accepted"] if self.accepted else []
        told += ["not everything was read"] if self.unread or self.missing else []
        return f" ({', '.join(told)})" if told else ""


def findings(
    facts: Facts, rules: Rules, at: datetime, acceptances: Iterable[Acceptance] = (), window: Span | None = None
) -> tuple[Finding, ...]:
    """One for each check, in the catalogue's order. Incidents that began in the window are judged, if there is one."""
    asked, accepted = Asked(facts, rules, at, window), tuple(acceptances)
    return tuple(judge(check, asked, accepted) for check in CATALOGUE)


def judge(check: Check, asked: Asked, acceptances: Sequence[Acceptance] = ()) -> Finding:
    asked = replace(asked, facts=asked.facts.aged(asked.at))
    lacking = _not_applicable(check, asked)
    if lacking:
        return Finding(check.id, Result.NOT_APPLICABLE, why_not=lacking)
    opinions = tuple(check.ask(asked))
    wrong = [_remark(check.id, one, acceptances, asked.at) for one in opinions if one.verdict is Verdict.WRONG]
    accepted = tuple(one for one in wrong if one.is_accepted(asked.at))
    left = tuple(one for one in wrong if not one.is_accepted(asked.at))
    unread = tuple(Remark(one.subject, one.name, one.sentence) for one in opinions if one.verdict is Verdict.UNREAD)
    missing = tuple(_missing(check, asked))
    judged = sum(one.verdict is not Verdict.UNREAD for one in opinions)
    result = _result(left, accepted, has_all=not (unread or missing), judged=judged)
    why_not = "There is nothing in the account to judge" if result is Result.NOT_APPLICABLE else ""
    stated = check.stated(asked.rules) if check.stated else ""
    return Finding(check.id, result, judged, left, accepted, unread, missing, why_not, stated)


def _result(wrong: Sequence[Remark], accepted: Sequence[Remark], *, has_all: bool, judged: int) -> Result:
    if wrong:
        return Result.FAIL
    if not has_all:
        return Result.UNKNOWN
    if accepted:
        return Result.ACCEPTED
    return Result.PASS if judged else Result.NOT_APPLICABLE


def _not_applicable(check: Check, asked: Asked) -> str:
    for name in sorted(check.needs - check.spares):
        dataset = asked.facts.of(name)
        if dataset.is_off_plan:
            told = next(one for one in dataset.missing if one.why is Lack.PLAN and not one.part).told(name)
            return told[0].upper() + told[1:]
    if check.ability and asked.facts.abilities.lacks(check.ability):
        return f"The account's plan lacks the ability {check.ability}"
    return ""


def _missing(check: Check, asked: Asked) -> Iterator[str]:
    for name in sorted(check.needs):
        dataset = asked.facts.of(name)
        is_spared = name in check.spares and dataset.is_off_plan
        if not is_spared and name not in _unneeded(asked.rules):
            yield from dataset.unread(_window(name, asked))


def _unneeded(rules: Rules) -> frozenset[Name]:
    return frozenset() if rules.with_case else frozenset({Name.CASES})


def _window(name: Name, asked: Asked) -> tuple[Span, ...]:
    """Incidents are asked for by when they began, and known up to when they were collected."""
    if name is not Name.INCIDENTS:
        return ()
    window, known = asked.looked_back, asked.facts.incidents.collected_at or asked.at
    return (Span(window.start, min(window.end, known)),)


def _remark(check: str, one: Opinion, acceptances: Sequence[Acceptance], at: datetime) -> Remark:
    """Of several acceptances the one that holds longest counts; one that has run out is told, and changes nothing."""
    met = max(
        (each for each in acceptances if each.meets(check, one.subject)), key=lambda each: each.until, default=None
    )
    if met is None or at < met.until:
        return Remark(one.subject, one.name, one.sentence, met, one.people)
    told = f"{one.sentence} (it was accepted until {met.until:%Y-%m-%d %H:%M} UTC, which is over)"
    return Remark(one.subject, one.name, told, met, one.people)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
